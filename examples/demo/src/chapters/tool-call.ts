import type { WhoAmI } from '@mcp-oauth/e2e';
import type { Stage } from '../stage.js';
import { textOf } from '../tool-answer.js';

export async function toolCall({ narrator, client, mcpServer }: Stage): Promise<void> {
  narrator.chapter('A tool call');
  const answer = textOf(await client.callTool({ name: 'whoami', arguments: {} }));
  const { subject, scopes } = JSON.parse(answer) as WhoAmI;
  narrator.fact('whoami', `${subject}, with ${scopes.join(' ')}`);
  const sum = textOf(await client.callTool({ name: 'add', arguments: { a: 19, b: 23 } }));
  narrator.fact('add 19 23', sum);
  narrator.say();
  narrator.claim('the answer is right', sum, '42');
  narrator.claim(
    'the server let both calls in',
    (mcpServer.counts().tools['whoami'] ?? 0) + (mcpServer.counts().tools['add'] ?? 0),
    2,
  );
}
