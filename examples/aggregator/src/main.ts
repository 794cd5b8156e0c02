import { env, stderr, stdout } from 'node:process';
import { exampleUsers } from './sign-in/users.js';
import { setStage } from './stage/stage.js';
import type { Stage } from './stage/stage.js';

const PORT = 8080;
/** 128 and the number of the signal, as shells have it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

function told(): Promise<keyof typeof exitCodes> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(name));
  });
}

function announce({ url, mcp, replicas }: Stage): void {
  const users = exampleUsers.map(({ name }) => name).join(', ');
  const servers = Object.entries(mcp.servers).map(([name, server]) => `${name} (${server.url.href})`);
  stdout.write(`
  Open              ${url.href}
  sign in as        ${users}: no passwords
  MCP servers       ${servers.join('\n                    ')}
  their login       ${mcp.authorizationServer.issuer}: any name
  replicas          ${replicas.map(({ name, pid }) => `${name} (pid ${String(pid)})`).join(', ')}: kill one, and go on

  Ctrl-C ends everything. Below is what the replicas report of logins.

`);
}

const stopping = told();
const stage = await setStage({
  port: Number(env['PORT'] ?? PORT),
  redisUrl: env['REDIS_URL'],
  log: (line) => stdout.write(line),
});
announce(stage);
const signal = await stopping;
await stage.close();
stderr.write('Stopped. Nothing is left behind.\n');
process.exitCode = exitCodes[signal];
