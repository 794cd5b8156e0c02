import type { RevocationReport } from '@mcp-oauth/core';
import { html } from 'hono/html';
import { formToken } from '../pages/layout.js';
import type { Html } from '../pages/layout.js';
import { revocationWords } from '../servers/revocation-words.js';
import type { Visitor } from '../sign-in/web-session.js';

/** Says what would go, and asks. */
export function deletePage(visitor: Visitor, servers: readonly string[]): Html {
  return html`<h1>Your data</h1>
    <p class="lead">This application keeps your logins at MCP servers, and nothing else.</p>
    ${
      servers.length === 0
        ? html`<p>There is none at the moment.</p>`
        : html`<ul>
            ${servers.map((name) => html`<li>${name}</li>`)}
          </ul>`
    }
    <h2>Delete all of it?</h2>
    <p>
      Every login is ended at its authorization server and removed here. Logins that you have begun and not
      finished end too. This can not be undone, but you can connect each server again.
    </p>
    <div class="row">
      <form method="post" action="/data/delete">
        ${formToken(visitor)}
        <button class="danger">Delete my data</button>
      </form>
      <a class="button" href="/">Keep it</a>
    </div>`;
}

export interface DeletedLogin extends RevocationReport {
  readonly name: string;
}

export function deletedPage(logins: readonly DeletedLogin[]): Html {
  return html`<h1>Your data is deleted</h1>
    ${
      logins.length === 0
        ? html`<p class="lead">There was no login left to end.</p>`
        : html`<p class="lead">What became of each login:</p>
            ${logins.map(
              ({ name, refresh_token, access_token }) =>
                html`<section>
                  <h2>${name}</h2>
                  <dl>
                    <div>
                      <dt>Refresh token</dt>
                      <dd>${revocationWords[refresh_token]}</dd>
                    </div>
                    <div>
                      <dt>Access token</dt>
                      <dd>${revocationWords[access_token]}</dd>
                    </div>
                  </dl>
                </section>`,
            )}`
    }
    <p><a class="button" href="/">Back to your servers</a></p>`;
}
