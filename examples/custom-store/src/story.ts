import { setTimeout as sleep } from 'node:timers/promises';
import { ScriptedBrowser, startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import { oauthClientIdentifier, tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import { callsAtOnce } from './calls-at-once.js';
import { createContainer } from './container.js';
import { initialize } from './initialize.js';
import type { Report } from './report.js';
import { poolIdentifier } from './service-identifiers.js';

/** Long enough to be used, short enough to see it end. */
const accessTokenSeconds = 3;

const whereTokenLies = `
  SELECT left(partition, 8) || '…' AS partition, left(id, 14) || '…' AS id, octet_length(value) AS bytes
  FROM mcp_oauth_records WHERE position($1::bytea IN value) > 0`;

/** One login over the store: made here, kept in the table, used and renewed by two other processes. */
export async function story(connectionString: string, report: Report): Promise<void> {
  const authorizationServer = await startStrictAuthorizationServer({ accessTokenTtl: accessTokenSeconds });
  const mcpServer = await startMcpServer({ authorizationServers: [authorizationServer] });
  const browser = new ScriptedBrowser();
  const container = createContainer(connectionString, { browser });
  try {
    await container.get(tokenStoreIdentifier).check();
    const session = container.get(oauthClientIdentifier).session({ resource: mcpServer.url });
    await session.authorize();
    report.claim('a scripted person logged in', (await browser.visits()).length, 1);
    report.claim('the MCP server takes the token', await initialize(session, mcpServer.url), 200);

    const pool = container.get(poolIdentifier);
    const rowsWith = async (token: string) =>
      (await pool.query<Record<string, unknown>>(whereTokenLies, [Buffer.from(token)])).rows;
    const rows = await rowsWith(await session.accessToken());
    report.claim('the token lies in one row of mcp_oauth_records', rows.length, 1);
    for (const row of rows) report.line(`      ${JSON.stringify(row)}`);

    const { expiresAt } = await session.status();
    await sleep(Math.max(0, Number(expiresAt) - Date.now()) + 100);
    const before = authorizationServer.counts().token;
    const calls = await callsAtOnce(2, connectionString, mcpServer.url);
    report.line(
      '\n  The token has expired. Two processes that know nothing but the table call the server at once:',
    );
    for (const { status } of calls) report.claim('the call succeeds', status, 200);
    report.claim('one token request was sent', authorizationServer.counts().token - before, 1);
    report.claim(
      'by one of them',
      calls
        .map(({ refreshes }) => refreshes)
        .sort()
        .join(),
      '0,1',
    );

    const last = await session.accessToken();
    report.claim('what they renewed lies in that row now', (await rowsWith(last)).length, 1);
    await session.revoke();
    report.claim(
      'after the logout the server knows the login no more',
      authorizationServer.families()[0]?.revoked,
      'revocation',
    );
    report.claim('and no row has a token of it', (await rowsWith(last)).length, 0);
  } finally {
    await container.unbindAllAsync();
    await mcpServer.close();
    await authorizationServer.close();
  }
}
