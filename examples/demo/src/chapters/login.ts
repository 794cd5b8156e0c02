import { readConfiguration } from '../configuration-file.js';
import type { Stage } from '../stage.js';
import type { Step } from '../trail.js';

export async function login(stage: Stage): Promise<void> {
  const { narrator, authorizationServer, mcpServer, host, client, trail, person, configurationPath } = stage;
  narrator.chapter('client.connect(): nobody is logged in yet');
  narrator.fact('who logs in', person.description);
  trail.take();
  await client.connect(host.transports.create(await readConfiguration(configurationPath)));
  await person.done();
  narrator.say();
  const steps = trail.take();
  const nameOf = (origin: string): string =>
    origin === mcpServer.origin ? 'MCP server' : 'authorization server';
  narrator.table([
    ['ms', 'to', 'sent', 'got', ''],
    ...steps.map((step) => [step.atMs, nameOf(step.origin), step.what, step.outcome, meaning(step)]),
  ]);
  narrator.say();
  const { registrations, logins, codeExchanges, needlessRefreshes } = authorizationServer.counts();
  narrator.fact('registrations', registrations, 'counted by the authorization server, like the next three');
  narrator.fact('logins', logins);
  narrator.fact('code exchanges', codeExchanges);
  narrator.fact('needless refreshes', needlessRefreshes);
  narrator.fact(
    'requests refused',
    mcpServer.counts().unauthorized,
    'by the MCP server, for want of a token',
  );
  narrator.fact('events at the host', trail.events.map(({ type }) => type).join(', '));
  narrator.say();
  narrator.claim(
    'one registration, one login, one code exchange, no needless refresh',
    `${registrations} ${logins} ${codeExchanges} ${needlessRefreshes}`,
    '1 1 1 0',
  );
  narrator.claim('the browser was opened once', trail.browserOpens, 1);
  narrator.claim('the login completed once', trail.count('authorization_completed'), 1);
}

/** What a step is for, where its path tells. */
function meaning({ what, outcome }: Step): string {
  if (outcome === '401') return 'a login is needed';
  if (what.includes('oauth-protected-resource')) return 'which authorization server?';
  if (/\.well-known\/(oauth-authorization-server|openid-configuration)/.test(what)) return 'which endpoints?';
  if (what.startsWith('POST /reg')) return 'registers this host';
  if (what.startsWith('browser')) return 'the person consents';
  if (what.endsWith('/token')) return 'code and verifier for tokens';
  return what.endsWith('/mcp') && outcome.startsWith('2') ? 'MCP, with the token' : '';
}
