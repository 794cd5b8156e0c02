import type { SessionStatus } from '@mcp-oauth/core';
import { html } from 'hono/html';
import type { McpServer } from '../configuration/mcp-server-list.js';
import { connectForm } from '../connect/connect-form.js';
import { formToken } from '../pages/layout.js';
import type { Html } from '../pages/layout.js';
import { serverText } from '../pages/server-text.js';
import { timeLeft } from '../pages/time-left.js';
import type { Visitor } from '../sign-in/web-session.js';
import { serverPath } from './server-path.js';
import type { ServerState } from './server-state.js';

const MAX_SCOPES = 50;

/** What one user has allowed at one server, and how to end it. */
export function serverDetails(visitor: Visitor, server: McpServer, state: ServerState | undefined): Html {
  if (!state) {
    return html`<p class="notice warning" role="status">
      <strong>Our storage does not answer.</strong> What you have allowed can not be shown for the moment.
      Your login is kept; try again in a few seconds.
    </p>`;
  }
  const { status, login, isAway } = state;
  return html`${isAway && login !== 'not_connected' ? html`<p>The server does not answer. Your login is kept.</p>` : ''}
    ${login === 'not_connected' ? html`<p>Its authorization server will ask you what this application may do.</p>` : ''}
    ${login === 'login_needed' ? html`<p>The login at this server has ended. Connect it to go on.</p>` : ''}
    ${status === undefined || login === 'not_connected' ? '' : granted(status)}
    <div class="row">
      ${login === 'connected' ? '' : connectForm(visitor, server, { label: `Connect ${server.name}` })}
      ${login === 'not_connected' ? '' : disconnectForm(visitor, server)}
    </div>`;
}

function granted({ issuer, scope, expiresAt, renewable, generation = 1 }: SessionStatus): Html {
  const scopes = scope?.split(' ') ?? [];
  const shown = scopes.slice(0, MAX_SCOPES);
  return html`<section aria-labelledby="allowed">
    <h2 id="allowed">What you have allowed</h2>
    <dl>
      <div>
        <dt>Permissions</dt>
        <dd>
          ${
            scopes.length === 0
              ? 'The server did not say.'
              : html`<ul class="tags">
                  ${shown.map((name) => html`<li><code>${serverText(name, 80)}</code></li>`)}
                  ${scopes.length > MAX_SCOPES ? html`<li>and ${scopes.length - MAX_SCOPES} more</li>` : ''}
                </ul>`
          }
        </dd>
      </div>
      <div>
        <dt>Given by</dt>
        <dd class="where">${serverText(issuer ?? '')}</dd>
      </div>
      <div>
        <dt>Access token</dt>
        <dd>
          ${expiresAt ? html`ends ${timeLeft(expiresAt)}` : 'without a known end'}; ${renewal(renewable)}
        </dd>
      </div>
      <div>
        <dt>Renewed so far</dt>
        <dd>${renewals(generation - 1)}</dd>
      </div>
    </dl>
  </section>`;
}

function renewal(renewable: boolean | undefined): string {
  return renewable ? 'it is renewed by itself before that' : 'after that, a new login is needed';
}

function renewals(count: number): string {
  if (count <= 0) return 'not yet';
  return count === 1 ? 'once' : `${String(count)} times`;
}

function disconnectForm(visitor: Visitor, server: McpServer): Html {
  return html`<form method="post" action="${serverPath(server)}/disconnect">
    ${formToken(visitor)}
    <button class="danger">Disconnect ${server.name}</button>
  </form>`;
}
