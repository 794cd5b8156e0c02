import 'reflect-metadata';
import { argv, stderr, stdin, stdout } from 'node:process';
import { ActivityLog } from './window/activity-log.js';
import { ChatWindow } from './window/chat-window.js';
import { commandLines } from './window/command-lines.js';
import { createContainer } from './window/container.js';
import { makeDataDirectory } from './window/data-directory.js';
import { problemOf } from './window/problem.js';
import { UsageError } from './window/usage-error.js';
import { readServers, windowOptions, windowUsage } from './window/window-options.js';

/** 128 and the number of the signal, as shells have it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const closing = new AbortController();
for (const [name, code] of Object.entries(exitCodes)) {
  process.once(name, () => {
    process.exitCode = code;
    closing.abort();
  });
}

// A window that another process has opened closes with it.
process.once('disconnect', () => closing.abort());
process.channel?.unref();
// Nobody sees it any more.
stdout.on('error', () => closing.abort());

try {
  const options = windowOptions(argv.slice(2));
  const servers = await readServers(options.configurationPath);
  await makeDataDirectory(options.dataDirectory);
  const container = await createContainer(options, servers);
  // Ends whatever waits: logins at once, and refreshes in flight when they are stored.
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= container.unbindAllAsync());
  // How it went is asked below.
  closing.signal.addEventListener('abort', () => void close().catch(() => undefined), { once: true });
  try {
    const window = await container.getAsync(ChatWindow);
    container.get(ActivityLog).note(`tokens are kept in ${options.dataDirectory}`);
    if (stdin.isTTY) container.get(ActivityLog).note('type a command, or help');
    await window.run(commandLines(stdin, closing.signal), closing.signal);
  } finally {
    await close();
  }
} catch (error) {
  const problem = error instanceof UsageError ? `${error.message}\n\n${windowUsage}` : problemOf(error);
  if (problem === undefined) throw error;
  process.exitCode = error instanceof UsageError ? 2 : 1;
  stderr.write(`${problem}\n`);
}
