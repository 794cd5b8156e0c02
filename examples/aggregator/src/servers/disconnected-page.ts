import type { RevocationReport } from '@mcp-oauth/core';
import { html } from 'hono/html';
import type { Html } from '../pages/layout.js';
import { revocationWords } from './revocation-words.js';

export function disconnectedPage(name: string, path: string, report: RevocationReport): Html {
  return html`<p class="crumb"><a href="/">Servers</a></p>
    <h1>${name} is disconnected</h1>
    <p class="lead">This application can do nothing there in your name any more.</p>
    <dl>
      <div>
        <dt>Refresh token</dt>
        <dd>${revocationWords[report.refresh_token]}</dd>
      </div>
      <div>
        <dt>Access token</dt>
        <dd>${revocationWords[report.access_token]}</dd>
      </div>
    </dl>
    <p><a class="button" href="${path}">Back to ${name}</a></p>`;
}
