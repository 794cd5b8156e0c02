import type { WhoAmI } from '@mcp-oauth/e2e';
import { BrokenClaimError } from '../broken-claim-error.js';
import { runSecondProcess } from '../second-process-report.js';
import type { Stage } from '../stage.js';

export async function anotherProcess(stage: Stage): Promise<void> {
  const { narrator, authorizationServer, trail, storeDirectory, configurationPath, signal } = stage;
  narrator.chapter('A second process calls the tool');
  const report = await runSecondProcess(storeDirectory, configurationPath, signal);
  narrator.fact('this process', String(process.pid));
  narrator.fact(
    'second process',
    String(report.pid),
    'given the token directory; it has no browser to log in with',
  );
  if ('refused' in report)
    throw new BrokenClaimError('the second process needs no login', report.refused, 'an answer');
  const { subject } = JSON.parse(report.answer) as WhoAmI;
  narrator.fact('whoami, over there', subject);
  narrator.fact('refreshes, over there', String(report.refreshes));
  narrator.say();
  narrator.claim('it is another process', report.pid !== process.pid);
  narrator.claim('it needed no login', authorizationServer.counts().logins, 1);
  narrator.claim('no browser was opened', trail.browserOpens, 1);
}
