import { env, stderr, stdout } from 'node:process';
import { exampleUsers } from './sign-in/users.js';
import { setStage } from './stage/stage.js';
import type { Stage } from './stage/stage.js';

const PORT = 8080;
/** 128 and the number of the signal, as shells have it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof exitCodes;

function announce({ url, mcp, replicas }: Stage): void {
  const users = exampleUsers.map(({ name }) => name).join(', ');
  const servers = Object.entries(mcp.servers).map(([name, server]) => `${name} (${server.url.href})`);
  const pids = replicas.map(({ name, pid }) => `${name} (pid ${String(pid)})`);
  stdout.write(`
  Open           ${url.href}
  Sign in as     ${users}; there are no passwords
  MCP servers    ${servers.join('\n                 ')}
  Their login    ${mcp.authorizationServer.issuer}, with any name
  Replicas       ${pids.join(', ')}: kill one, and go on

  Ctrl-C ends everything. What follows is what the replicas report of logins.

`);
}

const stopping = new Promise<Signal>((resolve) => {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      process.exitCode = exitCodes[name];
      resolve(name);
    });
  }
});

try {
  const stage = await setStage({
    port: Number(env['PORT'] ?? PORT),
    redisUrl: env['REDIS_URL'],
    log: (line) => stdout.write(line),
  });
  announce(stage);
  await stopping;
  await stage.close();
  stdout.write('\n  Stopped. Nothing is left behind.\n\n');
} catch (error) {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  // Ctrl-C ends the replicas too: while they start, that is what fails.
  if (!isTaken && process.exitCode === undefined) throw error;
  process.exitCode ??= 1;
  if (isTaken) stderr.write(`${error.message}. PORT=0 takes any port that is free.\n`);
}
