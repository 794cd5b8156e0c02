import { expect, test } from '@jest/globals';
import { serverBlock, serverText } from '../src/pages/server-text.js';
import { toolAnswer } from '../src/tools/tool-answer.js';
import { controlName } from '../src/tools/tool-form.js';
import { toolPage } from '../src/tools/tool-page.js';
import { hostileServer, hostileText, visitor } from './support/hostile.js';

test('names, descriptions, schemas and answers of a server are text, whatever stands in them', async () => {
  const page = String(
    await toolPage({
      visitor,
      server: hostileServer,
      tool: {
        name: hostileText,
        description: hostileText,
        inputSchema: {
          type: 'object',
          properties: {
            [hostileText]: { type: 'string', description: hostileText },
            choice: { enum: [hostileText] },
            list: { type: 'array' },
          },
          required: [hostileText],
        },
      },
      values: { [controlName(hostileText)]: hostileText, 'argument:list': hostileText },
      result: { content: [{ type: 'text', text: hostileText }], isError: true },
    }),
  );
  expect(page).not.toMatch(/<(img|script|\/textarea><script)/);
  expect(page.match(/onerror=/g)).toEqual(page.match(/&lt;img src=x onerror=/g)?.map(() => 'onerror='));
  const elsewhere = String(
    await toolAnswer({ content: [{ type: 'image', data: '', mimeType: hostileText }] }),
  );
  expect(elsewhere).not.toContain('<img');
  const structured = String(
    await toolAnswer({ content: [], structuredContent: { [hostileText]: hostileText } }),
  );
  expect(structured).not.toContain('<img');
});

test('text of a server is cut, and can neither turn the text around it nor hide', () => {
  expect(serverText('a\u202eb\u200bc\u0000\nd\u2028e')).toBe('abc d e');
  expect(serverText('x'.repeat(1_000))).toHaveLength(400);
  expect(serverBlock('a\n\tb\u202e\u0007', 100)).toBe('a\n\tb');
  expect(serverBlock('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
});
