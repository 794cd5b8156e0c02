import { BrokenClaimError } from '../broken-claim-error.js';
import { runSecondProcess } from '../second-process-report.js';
import type { Stage } from '../stage.js';
import { lookInto } from '../token-directory.js';
import { tokenSecrets } from '../token-secrets.js';

export async function logout(stage: Stage): Promise<void> {
  const { narrator, host, mcpServer, authorizationServer, storeDirectory, configurationPath, signal } = stage;
  narrator.chapter('Logout: session.revoke()');
  const secrets = await tokenSecrets(stage);
  const session = host.oauth.session({ resource: mcpServer.url });
  const report = await session.revoke();
  narrator.fact('refresh token', report.refresh_token, 'at the authorization server');
  narrator.fact('access token', report.access_token, 'at the authorization server');
  narrator.say();
  narrator.claim('the refresh token is dead at the server', authorizationServer.hasEndedLogin());
  narrator.claim('nobody is logged in', (await session.status()).state, 'logged_out');
  const { files, filesWithSecrets } = await lookInto(storeDirectory, secrets);
  narrator.claim('no token is left in the directory', filesWithSecrets, 0);
  narrator.aside(
    `What is left: ${files.length} files, for this host's registration and the key of the store.`,
  );
  const second = await runSecondProcess(storeDirectory, configurationPath, signal);
  if (!('refused' in second))
    throw new BrokenClaimError('the second process is logged out too', 'an answer', 'no_grant');
  narrator.claim('a second process is told to log in again', second.refused, 'no_grant');
}
