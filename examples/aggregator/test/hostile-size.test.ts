import { expect, test } from '@jest/globals';
import { structuredText } from '../src/tools/structured-text.js';
import { toolAnswer } from '../src/tools/tool-answer.js';
import { toolFields } from '../src/tools/tool-form.js';
import { toolPage } from '../src/tools/tool-page.js';
import { hostileServer, visitor } from './support/hostile.js';

const nested = (depth: number, leaves: number): Record<string, unknown> => {
  let value: unknown = Array.from({ length: leaves }, () => 0);
  for (let level = 0; level < depth; level++) value = [value];
  return { value };
};

test('an answer that is small and shallow is indented; a large or deep one is not', () => {
  expect(structuredText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(structuredText(nested(30, 1))).toBe(`{"value":${'['.repeat(31)}0${']'.repeat(31)}}`);
  expect(structuredText(nested(1, 20_000))).not.toContain('\n');
});

test('an answer of 0.4 MB that nests deeply is written without a gigabyte of blanks', async () => {
  // Indented, this is 180 MB.
  expect(structuredText(nested(450, 200_000))?.length).toBe(400_911);
  const page = String(await toolAnswer({ content: [], structuredContent: nested(450, 200_000) }));
  expect(page.length).toBeLessThan(25_000);
});

test('an answer that nests beyond any call stack is told, and not written', async () => {
  const page = String(await toolAnswer({ content: [], structuredContent: nested(200_000, 1) }));
  expect(page).toContain('It nests too deeply to be shown.');
});

test('a list of choices beyond a hundred is a field of text', async () => {
  const tool = (count: number) => ({
    name: 'tool',
    inputSchema: {
      type: 'object' as const,
      properties: { size: { enum: Array.from({ length: count }, (_, index) => `c${index}`) } },
    },
  });
  expect(toolFields(tool(100))?.[0]).toMatchObject({ control: 'choice' });
  expect(toolFields(tool(101))?.[0]).toMatchObject({ control: 'text', choices: [] });
  const page = String(await toolPage({ visitor, server: hostileServer, tool: tool(400_000), values: {} }));
  expect(page.length).toBeLessThan(5_000);
});
