import type { Tool } from '@modelcontextprotocol/sdk/types.js';

const MAX_FIELDS = 30;
const MAX_CHOICES = 100;
/** One field for all arguments, where their schema is beyond a form. */
export const JSON_FIELD = 'arguments';

/** One argument of a tool, as a control of a form. */
export interface ToolField {
  /** The name of the control. */
  readonly name: string;
  /** The name of the argument. */
  readonly argument: string;
  readonly description: string | undefined;
  readonly isRequired: boolean;
  readonly control: 'text' | 'number' | 'checkbox' | 'choice' | 'true-or-false' | 'json';
  readonly choices: readonly string[];
}

/** What somebody typed that can't be an argument. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
  readonly field: string;

  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
  }
}

/** The controls for a tool's arguments; `undefined` where one field of JSON has to do. */
export function toolFields({ inputSchema }: Tool): readonly ToolField[] | undefined {
  const properties = Object.entries(inputSchema.properties ?? {});
  if (properties.length > MAX_FIELDS) return undefined;
  const required = new Set(inputSchema.required ?? []);
  return properties.map(([argument, schema]) => {
    const { type, description, enum: listed } = schema as Readonly<Record<string, unknown>>;
    const isRequired = required.has(argument);
    return {
      name: controlName(argument),
      argument,
      description: typeof description === 'string' ? description : undefined,
      isRequired,
      ...controlOf(type, isRequired, listed),
    };
  });
}

/**
 * Not its place in the schema, which may be another one when the form comes back. And not the bare name: forms change
 * line breaks and lone surrogates, and what ends in `[]` is read as a list.
 */
export function controlName(argument: string): string {
  return `argument:${encodeURIComponent(JSON.stringify(argument).slice(1, -1))}`;
}

function controlOf(
  type: unknown,
  isRequired: boolean,
  listed: unknown,
): Pick<ToolField, 'control' | 'choices'> {
  if (Array.isArray(listed) && listed.length > 0 && listed.every((choice) => typeof choice === 'string')) {
    return listed.length <= MAX_CHOICES
      ? { control: 'choice', choices: listed }
      : { control: 'text', choices: [] };
  }
  if (type === 'boolean' && !isRequired) return { control: 'true-or-false', choices: ['true', 'false'] };
  return { control: plainControlOf(type), choices: [] };
}

function plainControlOf(type: unknown): ToolField['control'] {
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'boolean' ? 'checkbox' : 'json';
}

export type FormValues = Readonly<Record<string, string>>;

/**
 * The arguments that a filled-in form means. What was left empty is left out.
 *
 * @throws {ArgumentError}
 */
export function toolArguments(
  fields: readonly ToolField[] | undefined,
  values: FormValues,
): Record<string, unknown> {
  if (fields === undefined) return jsonObject(values[JSON_FIELD] ?? '');
  const entries = fields.flatMap((field): [string, unknown][] => {
    const value = values[field.name] ?? '';
    if (field.control === 'checkbox') return [[field.argument, value !== '']];
    return value === '' && !(field.control === 'text' && field.isRequired)
      ? []
      : [[field.argument, read(field, value)]];
  });
  return Object.fromEntries(entries);
}

function read({ name, argument, control }: ToolField, value: string): unknown {
  if (control === 'json') return json(name, argument, value);
  if (control === 'true-or-false') return value === 'true';
  if (control !== 'number') return value;
  const number = Number(value);
  if (Number.isFinite(number)) return number;
  throw new ArgumentError(name, `${argument} must be a number.`);
}

function jsonObject(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  const value = json(JSON_FIELD, 'The arguments', text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ArgumentError(JSON_FIELD, 'The arguments must be a JSON object.');
}

function json(field: string, what: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new ArgumentError(field, `${what} must be JSON.`);
    throw error;
  }
}
