import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the second process says of itself. */
export type SecondProcessReport =
  | { readonly pid: number; readonly answer: string; readonly refreshes: number }
  | { readonly pid: number; readonly refused: string };

const TIMEOUT_MS = 30_000;

/** Runs it to its end, or kills it when `signal` aborts. */
export async function runSecondProcess(
  storeDirectory: string,
  configurationPath: string,
  signal: AbortSignal,
): Promise<SecondProcessReport> {
  const module = fileURLToPath(new URL('./second-process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(execPath, [module, storeDirectory, configurationPath], {
    signal,
    timeout: TIMEOUT_MS,
  });
  return JSON.parse(stdout) as SecondProcessReport;
}
