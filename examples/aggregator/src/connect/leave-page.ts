import { html } from 'hono/html';
import type { McpServer } from '../configuration/mcp-server-list.js';
import { show } from '../pages/layout.js';
import type { WebContext } from '../web-env.js';

/**
 * Sends the browser to the authorization server. A page rather than a redirect: `form-action 'self'` holds for what
 * forms redirect to as well, and it names the server, whatever the MCP server has chosen it to be.
 */
export function leavePage(c: WebContext, server: McpServer, authorizationUrl: URL) {
  const { href, host } = authorizationUrl;
  return show(c, {
    title: `Connecting ${server.name}`,
    head: html`<meta http-equiv="refresh" content="0; url=${href}" />`,
    body: html`<h1>Connecting ${server.name}</h1>
      <p class="lead">You go on to <strong>${host}</strong>, which asks you what this application may do.</p>
      <p><a class="button primary" href="${href}" rel="noreferrer">Go to ${host}</a></p>`,
  });
}
