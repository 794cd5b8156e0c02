import { argv, env, stderr, stdout } from 'node:process';
import { desktopOptions, usage } from './command-line.js';
import { conversation } from './story/conversation.js';
import { BrokenClaimError, Narrator } from './story/narrator.js';
import { onStage } from './story/stage.js';
import { twoWindows } from './story/two-windows.js';
import { UsageError } from './window/usage-error.js';

/** 128 and the number of the signal, as shells have it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const stopping = new AbortController();
for (const [name, code] of Object.entries(exitCodes)) {
  process.once(name, () => {
    process.exitCode = code;
    stopping.abort(new DOMException(`Stopped by ${name}.`, 'AbortError'));
  });
}
// Nobody reads any more, as with `| head`.
stdout.on('error', () => {
  process.exitCode = 141;
  stopping.abort(new DOMException('The output was closed.', 'AbortError'));
});

try {
  const options = desktopOptions(argv.slice(2));
  if (options === undefined) stdout.write(usage);
  else {
    // https://no-color.org: any text but the empty one.
    const narrator = new Narrator(stdout, stdout.isTTY && (env['NO_COLOR'] ?? '') === '');
    const setting = { narrator, signal: stopping.signal };
    await onStage(options, setting, { withOwn: twoWindows, withConfigured: conversation });
    if (narrator.claims > 0)
      narrator.say(`\n${narrator.claims} claims held. No process and no port is left behind.`);
  }
} catch (error) {
  // What ends because of the signal ends with many an error, and none of them is news.
  if (stopping.signal.aborted) stdout.write('\nStopped. No process and no port is left behind.\n');
  else if (error instanceof UsageError) {
    process.exitCode = 2;
    stderr.write(`${error.message}\n\n${usage}`);
  } else if (error instanceof BrokenClaimError) {
    process.exitCode = 1;
    stderr.write(`\n${error.message}\n`);
  } else throw error;
}
