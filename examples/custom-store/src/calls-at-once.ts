import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { env, execPath } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What a process tells of its call. */
export interface CallReport {
  /** Of the MCP server's response. */
  readonly status: number;
  /** How often this process has renewed the token. */
  readonly refreshes: number;
}

const modulePath = fileURLToPath(new URL('./second-process.js', import.meta.url));

/** Lets so many processes call the MCP server at the same time. */
export async function callsAtOnce(
  count: number,
  connectionString: string,
  resource: URL,
): Promise<readonly CallReport[]> {
  const processes = Array.from({ length: count }, () =>
    // In the environment, since everybody can see what a process was started with.
    spawn(execPath, [modulePath, resource.href], {
      env: { ...env, DATABASE_URL: connectionString },
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  await Promise.all(processes.map(({ stdout }) => once(stdout, 'data')));
  return Promise.all(processes.map(goOn));
}

async function goOn(child: ChildProcessByStdio<Writable, Readable, null>): Promise<CallReport> {
  child.stdin.end('go\n');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  await once(child, 'close');
  return JSON.parse(output) as CallReport;
}
