import { expect, test } from '@jest/globals';
import { Hono } from 'hono';
import { formFields } from '../src/sign-in/form-fields.js';
import { toolControl } from '../src/tools/tool-control.js';
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
        checked: { type: 'boolean' },
        unchecked: { type: 'boolean' },
        dry_run: { type: 'boolean' },
        list: { type: 'array' },
        size: { enum: ['s', 'm'] },
        none: { type: 'string' },
      },
      ['text', 'checked', 'unchecked'],
    ),
  );
  const values = {
    'argument:text': '',
    'argument:count': '3',
    'argument:on': 'true',
    'argument:off': 'false',
    'argument:checked': 'true',
    'argument:dry_run': '',
    'argument:list': '[1, {"a": 2}]',
    'argument:size': 'm',
    'argument:none': '',
  };
  expect(toolArguments(fields, values)).toEqual({
    text: '',
    count: 3,
    on: true,
    off: false,
    checked: true,
    unchecked: false,
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

test('every argument has a control of its own, whatever it is called, and no name that forms read otherwise', () => {
  const names = ['x[]', 'x', 'x%5B%5D', 'a\nb', 'a\r\nb', '\ud800', '\ud801', 'ü', '"', ''];
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  const fields = toolFields(tool(properties)) ?? [];
  const controls = fields.map(({ name }) => name);
  expect(new Set(controls).size).toBe(names.length);
  for (const name of controls) expect(name).toMatch(/^argument:[\w%.!~*'()\\-]*$/);
  const values = Object.fromEntries(controls.map((name) => [name, 'typed']));
  expect(toolArguments(fields, values)).toEqual(Object.fromEntries(names.map((name) => [name, 'typed'])));
});

test('a choice is sent as it is, blanks too; an optional boolean can be left out', async () => {
  const fields = toolFields(tool({ spaced: { enum: [' a  b'] }, dry_run: { type: 'boolean' } })) ?? [];
  const shown = await Promise.all(
    fields.map(async (field) => String(await toolControl(field, 'id', { value: '', problem: undefined }))),
  );
  expect(shown[0]).toContain('<option value=" a  b" >');
  expect(shown[1]?.match(/<option value="\w*"/g)).toEqual([
    '<option value=""',
    '<option value="true"',
    '<option value="false"',
  ]);
});

test('an argument with the name of a list arrives as what was typed', async () => {
  const fields = toolFields(tool({ 'x[]': { type: 'string' } }));
  const web = new Hono().post('/', async (c) => c.json(toolArguments(fields, await formFields(c))));
  const body = new URLSearchParams([[fields?.[0]?.name ?? '', 'typed']]);
  expect(await (await web.request('/', { method: 'POST', body })).json()).toEqual({ 'x[]': 'typed' });
});
