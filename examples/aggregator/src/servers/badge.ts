import { html } from 'hono/html';
import type { Html } from '../pages/layout.js';
import type { LoginState, ServerState } from './server-state.js';

const logins: Record<LoginState, { readonly sign: string; readonly text: string }> = {
  connected: { sign: '●', text: 'Connected' },
  login_needed: { sign: '▲', text: 'Login needed' },
  not_connected: { sign: '○', text: 'Not connected' },
};

/** The state of a server in words, with a sign and a colour beside them. */
export function badges({ login, isAway }: Pick<ServerState, 'login' | 'isAway'>): Html {
  const { sign, text } = logins[login];
  return html`<span class="badge ${login}"><span aria-hidden="true">${sign}</span> ${text}</span>
    ${isAway ? html`<span class="badge away"><span aria-hidden="true">✕</span> Server away</span>` : ''}`;
}
