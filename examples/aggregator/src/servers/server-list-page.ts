import { html } from 'hono/html';
import { connectForm } from '../connect/connect-form.js';
import type { Html } from '../pages/layout.js';
import type { Visitor } from '../sign-in/web-session.js';
import { badges } from './badge.js';
import { serverPath } from './server-path.js';
import type { ServerState } from './server-state.js';

export function serverListPage(visitor: Visitor, states: readonly ServerState[]): Html {
  const connected = states.filter(({ login }) => login === 'connected').length;
  return html`<h1>Your servers</h1>
    <p class="lead">${connected} of ${states.length} connected. What you allow here is yours alone.</p>
    <ul class="cards">
      ${states.map((state) => card(visitor, state))}
    </ul>`;
}

function card(visitor: Visitor, state: ServerState): Html {
  const { server, login, isAway } = state;
  return html`<li class="card">
    <div>
      <h2><a href="${serverPath(server)}">${server.name}</a></h2>
      <p class="where">${new URL(server.config.url).host}</p>
      <p>${badges(state)}</p>
    </div>
    <div class="actions">
      ${
        login === 'connected'
          ? html`<a class="button" href="${serverPath(server)}">Open ${server.name}</a>`
          : isAway
            ? html`<p class="note">It can be connected when it is back.</p>`
            : connectForm(visitor, server, { label: `Connect ${server.name}` })
      }
    </div>
  </li>`;
}
