import { once } from 'node:events';
import { argv, env, stdin, stdout } from 'node:process';
import { oauthClientIdentifier } from '@mcp-oauth/core/inversify';
import { createContainer } from './container.js';
import type { CallReport } from './calls-at-once.js';
import { initialize } from './initialize.js';

// It has no browser: it can use a login, and can't make one.
const [resource = ''] = argv.slice(2);
let refreshes = 0;
const container = createContainer(env['DATABASE_URL'] ?? '', {
  onEvent: ({ type }) => {
    if (type === 'refreshed') refreshes += 1;
  },
});
const session = container.get(oauthClientIdentifier).session({ resource });
stdout.write('ready\n');
await once(stdin, 'data');
stdin.destroy();
const status = await initialize(session, resource);
await container.unbindAllAsync();
const report: CallReport = { status, refreshes };
stdout.write(JSON.stringify(report));
