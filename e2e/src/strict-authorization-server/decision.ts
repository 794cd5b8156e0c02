import type { ReceivedRequest } from '../http/message.js';
import { scriptedDecisionHeader, scriptedUserHeader } from '../person/scripted-answer.js';
import type { AuthorizationDecision, StrictBehaviour } from './behaviour.js';

/** What the person says who sent this request: as their script has it, else as the behaviour has it. */
export async function decided(
  behaviour: StrictBehaviour,
  request: ReceivedRequest,
  asked: Parameters<StrictBehaviour['decide']>[0],
): Promise<AuthorizationDecision> {
  const user = request.headers[scriptedUserHeader];
  const said = request.headers[scriptedDecisionHeader];
  if (said === 'deny') return { error: 'access_denied' };
  if (said === 'allow') return { user: typeof user === 'string' ? user : 'alice' };
  const decision = await behaviour.decide(asked);
  return 'user' in decision && typeof user === 'string' ? { ...decision, user } : decision;
}
