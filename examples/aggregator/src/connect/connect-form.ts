import { html } from 'hono/html';
import type { McpServer } from '../configuration/mcp-server-list.js';
import { formToken } from '../pages/layout.js';
import type { Html } from '../pages/layout.js';
import { serverPath } from '../servers/server-path.js';
import type { Visitor } from '../sign-in/web-session.js';

export interface ConnectFormOptions {
  readonly label: string;
  /** Scopes that the login must have, beyond what is asked for anyway. */
  readonly scope?: string | undefined;
}

/** Begins a login. A POST, so that no link and no other site can begin one. */
export function connectForm(visitor: Visitor, server: McpServer, options: ConnectFormOptions): Html {
  const { label, scope } = options;
  return html`<form method="post" action="${serverPath(server)}/connect">
    ${formToken(visitor)}
    ${scope === undefined ? '' : html`<input type="hidden" name="scope" value="${scope}" />`}
    <button class="primary">${label}</button>
  </form>`;
}
