import { StoreError } from '@mcp-oauth/core';
import { html } from 'hono/html';
import type { Application } from '../application.js';
import type { McpServer } from '../configuration/mcp-server-list.js';
import type { Html } from '../pages/layout.js';
import { serverText } from '../pages/server-text.js';
import { serverPath } from '../servers/server-path.js';
import type { SignedInContext } from '../sign-in/signed-in.js';
import { defect } from '../trouble/defect.js';
import { troubleText } from '../trouble/trouble-page.js';
import { troubleOf } from '../trouble/trouble-of.js';

/** A server's tools as a part of its page; or what keeps them from being listed, since the rest of the page holds. */
export async function toolList(c: SignedInContext, app: Application, server: McpServer): Promise<Html> {
  const target = { owner: c.var.visitor.user.id, server, signal: c.req.raw.signal };
  let list: Html;
  try {
    const tools = await app.calls.connected(target, (connection) => connection.tools());
    list =
      tools.length === 0
        ? html`<p>This server offers none.</p>`
        : html`<ul class="tools">
            ${tools.map(
              ({ name, description }) =>
                html`<li>
                  <a href="${serverPath(server)}/tools/${encodeURIComponent(name)}"
                    ><bdi>${serverText(name, 80)}</bdi></a
                  >
                  ${description ? html`<p><bdi>${serverText(description)}</bdi></p>` : ''}
                </li>`,
            )}
          </ul>`;
  } catch (error) {
    const planned = troubleOf(error);
    // Whatever a server can do to its list: the page around it, which can disconnect it, stays.
    if (!planned) app.onDefect(error);
    const trouble = planned ?? defect;
    list =
      error instanceof StoreError
        ? html`<p>They can be listed when our storage answers.</p>`
        : html`<div class="notice warning">
            <strong>${trouble.title}.</strong> ${troubleText(c, app, trouble)}
          </div>`;
  }
  return html`<section aria-labelledby="tools">
    <h2 id="tools">Tools</h2>
    ${list}
  </section>`;
}
