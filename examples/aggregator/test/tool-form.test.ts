import { expect, test } from '@jest/globals';
import { ArgumentError, toolArguments, toolFields } from '../src/tools/tool-form.js';

const tool = (properties: Record<string, object>, required: string[] = []) => ({
  name: 'tool',
  inputSchema: { type: 'object' as const, properties, required },
});

test('a form becomes arguments of the types that the schema names; what is left empty is left out', () => {
  const fields = toolFields(
    tool(
      {
        text: { type: 'string' },
        count: { type: 'integer' },
        on: { type: 'boolean' },
        off: { type: 'boolean' },
        list: { type: 'array' },
        size: { enum: ['s', 'm'] },
        none: { type: 'string' },
      },
      ['text'],
    ),
  );
  const values = {
    'argument:text': '',
    'argument:count': '3',
    'argument:on': 'true',
    'argument:list': '[1, {"a": 2}]',
    'argument:size': 'm',
    'argument:none': '',
  };
  expect(toolArguments(fields, values)).toEqual({
    text: '',
    count: 3,
    on: true,
    off: false,
    list: [1, { a: 2 }],
    size: 'm',
  });
});

test('what can not be an argument is told with its field', () => {
  const fields = toolFields(tool({ count: { type: 'number' }, list: {} }));
  const attempt = (values: Record<string, string>) => () => toolArguments(fields, values);
  expect(attempt({ 'argument:count': 'three' })).toThrow(ArgumentError);
  expect(attempt({ 'argument:count': 'Infinity' })).toThrow('count must be a number.');
  expect(attempt({ 'argument:list': '{' })).toThrow('list must be JSON.');
});

test('an argument called __proto__ is an argument', () => {
  const properties = JSON.parse('{"__proto__": {"type": "string"}}') as Record<string, object>;
  const args = toolArguments(toolFields(tool(properties)), { 'argument:__proto__': 'x' });
  expect(Object.entries(args)).toEqual([['__proto__', 'x']]);
  expect(Object.getPrototypeOf(args)).toBe(Object.prototype);
});

test('a schema beyond a form gets one field of JSON', () => {
  const many = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`a${index}`, {}]));
  const fields = toolFields(tool(many));
  expect(fields).toBeUndefined();
  expect(toolArguments(fields, { arguments: '{"a1": 1}' })).toEqual({ a1: 1 });
  expect(toolArguments(fields, {})).toEqual({});
  expect(() => toolArguments(fields, { arguments: '[]' })).toThrow('The arguments must be a JSON object.');
});
