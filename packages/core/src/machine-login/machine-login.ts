import type { Grant, TokenIdentity } from '../credentials/credentials.js';
import type { SessionSettings } from '../session/session-settings.js';
import type { SessionState } from '../session/session-state.js';

/** Gets tokens without a person, where a session is set up for that. */
export class MachineLogin {
  /** The grant in use, renewed where it has to be. */
  async current(
    state: SessionState,
    _settings: SessionSettings,
    rejected?: TokenIdentity,
    signal?: AbortSignal,
  ): Promise<Grant> {
    return await state.keeper.current(rejected, signal);
  }
}
