import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { html } from 'hono/html';
import type { Html } from '../pages/layout.js';
import { serverBlock, serverText } from '../pages/server-text.js';
import { structuredText } from './structured-text.js';

const MAX_PARTS = 20;
const MAX_CHARACTERS = 20_000;

/** What a tool answered. All of it is hostile text: shown as text, and cut. */
export function toolAnswer({ content, isError, structuredContent }: CallToolResult): Html {
  const parts = content.slice(0, MAX_PARTS);
  return html`<section class="answer ${isError ? 'failed' : ''}" aria-labelledby="answer">
    <h2 id="answer">${isError ? 'The tool failed' : 'Answer'}</h2>
    ${parts.map(part)} ${parts.length === 0 && structuredContent ? structured(structuredContent) : ''}
    ${parts.length === 0 && !structuredContent ? html`<p>It answered with nothing.</p>` : ''}
    ${content.length > MAX_PARTS ? html`<p class="note">Further parts are left out.</p>` : ''}
  </section>`;
}

function structured(value: unknown): Html {
  const text = structuredText(value);
  return text === undefined ? html`<p class="note">It nests too deeply to be shown.</p>` : block(text);
}

function part(content: CallToolResult['content'][number]): Html {
  if (content.type === 'text') return block(content.text);
  const kind = 'mimeType' in content && content.mimeType !== undefined ? content.mimeType : content.type;
  return html`<p class="note">Not shown: <code>${serverText(kind, 80)}</code></p>`;
}

/** Can be scrolled, and so must be reachable without a mouse. */
function block(text: string): Html {
  return html`<pre
    tabindex="0"
    role="region"
    aria-label="Text of the answer"
  ><bdi>${serverBlock(text, MAX_CHARACTERS)}</bdi></pre>`;
}
