import { setTimeout as sleep } from 'node:timers/promises';
import { refreshesForOneExpiry, STORY_TOKEN_SECONDS } from '@mcp-oauth/e2e';
import { lookInto } from './data-directory.js';
import type { OwnStage } from './stage.js';

/** After the end of a token by the clock, so that nothing but a refresh can help. */
const BEYOND_MS = 300;

/** The story of two windows that share one login, from the first start to the logout. */
export async function twoWindows(stage: OwnStage): Promise<void> {
  const { narrator, authorizationServer, mcpUrl, person, dataDirectory, signal } = stage;
  narrator.chapter('Two servers on this machine');
  narrator.aside(
    `${authorizationServer.tokens.issuer}, authorization server: ${authorizationServer.description}`,
  );
  narrator.aside(`${mcpUrl.href}, MCP server: answers nobody without a token`);

  narrator.chapter('Two windows connect at once, and nobody is logged in');
  const one = stage.openWindow('window 1');
  const two = stage.openWindow('window 2');
  await both(one.command('connect demo'), two.command('connect demo'));
  await person.done();
  const { registrations, logins, codeExchanges, needlessRefreshes } = authorizationServer.counts();
  if (person.tabs !== undefined) narrator.claim('one browser tab', person.tabs, 1);
  narrator.claim(
    'one login, one registration, counted by the authorization server',
    `${logins} ${registrations}`,
    '1 1',
  );
  narrator.claim(
    'one exchange of a code for tokens, no needless refresh',
    `${codeExchanges} ${needlessRefreshes}`,
    '1 0',
  );

  narrator.chapter('Both call a tool');
  const [sum, who] = await both(
    one.command('call demo add {"a": 19, "b": 23}'),
    two.command('call demo whoami'),
  );
  narrator.claim('window 1 got the sum', sum, 'add: 42');
  narrator.claim(
    'window 2 speaks for the person who logged in',
    who.startsWith('whoami: {"subject":"'),
    true,
  );

  narrator.chapter('The token expires, and both call at once');
  narrator.aside(`waiting ${STORY_TOKEN_SECONDS} s for its end …`);
  // On a slow machine a call above may have had the token renewed, even just now.
  for (;;) {
    const leftMs = authorizationServer.tokensEndAt() + BEYOND_MS - Date.now();
    if (leftMs <= 0) break;
    await sleep(leftMs, undefined, { signal });
  }
  const before = authorizationServer.counts();
  const sums = await both(
    one.command('call demo add {"a": 1, "b": 2}'),
    two.command('call demo add {"a": 3, "b": 4}'),
  );
  narrator.claim('both were answered', sums.join(', '), 'add: 3, add: 7');
  narrator.claim(
    'one refresh for two processes',
    refreshesForOneExpiry(before, authorizationServer.counts()),
    1,
  );

  narrator.chapter('Window 2 is closed and opened again');
  narrator.claim('it closed', String(await two.close()), '0');
  const again = stage.openWindow('window 3');
  await again.command('connect demo');
  narrator.claim('it needed no login', authorizationServer.counts().logins, 1);

  narrator.chapter('What lies on the disk');
  const { files, filesWithSecrets } = await lookInto(dataDirectory, [
    'access_token',
    ...authorizationServer.secrets(),
  ]);
  for (const { path, mode, bytes } of files)
    narrator.aside(`${mode}  ${String(bytes).padStart(6)} bytes  ${path}`);
  narrator.claim('no file holds a token in the clear', filesWithSecrets, 0);

  narrator.chapter('Window 1 logs out');
  await one.command('logout demo');
  narrator.claim('window 3 is logged out too', await again.command('status demo'), 'demo: logged out');
  const codes = await both(one.close(), again.close());
  narrator.claim('both closed', codes.join(' '), '0 0');
}

/** Waits for both, also where one fails: what the other does would be told in the next chapter. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
