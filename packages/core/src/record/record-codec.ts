import { StoreError } from '../errors.js';
import { utf8 } from '../session-key/digest.js';

/** Raised when a release changes what a record means, so that an older one refuses instead of guessing. */
const SCHEMA = 1;

const MAX_RECORD_BYTES = 64 * 1_024;

/** Reads the fields of a stored object, and refuses what is not of the expected shape. */
export class RecordReader {
  readonly #what: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(what: string, value: unknown) {
    this.#what = what;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#corrupt('it is no object');
    this.#fields = value as Record<string, unknown>;
  }

  text(name: string): string {
    const value = this.#field(name);
    if (typeof value !== 'string') throw this.#corrupt(`${name} is no text`);
    return value;
  }

  number(name: string): number {
    const value = this.#field(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#corrupt(`${name} is no number`);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  flag(name: string): boolean {
    return this.#field(name) === true;
  }

  texts(name: string): readonly string[] {
    const value = this.#field(name);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.#corrupt(`${name} is no list of texts`);
    }
    return value;
  }

  optionalTexts(name: string): readonly string[] | undefined {
    return this.has(name) ? this.texts(name) : undefined;
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value {
    const value = this.text(name);
    const match = values.find((candidate) => candidate === value);
    if (match === undefined) throw this.#corrupt(`${name} is none of ${values.join(', ')}`);
    return match;
  }

  object(name: string): RecordReader {
    return new RecordReader(`${this.#what}.${name}`, this.#field(name));
  }

  optionalObject(name: string): RecordReader | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  optionalObjects(name: string): readonly RecordReader[] | undefined {
    if (!this.has(name)) return undefined;
    const value = this.#field(name);
    if (!Array.isArray(value)) throw this.#corrupt(`${name} is no list`);
    return value.map((item: unknown) => new RecordReader(`${this.#what}.${name}`, item));
  }

  has(name: string): boolean {
    return this.#field(name) !== undefined;
  }

  #field(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #corrupt(problem: string): StoreError {
    return new StoreError('corrupt', `A ${this.#what} record in the token store is damaged: ${problem}.`);
  }
}

/** @throws {StoreError} `full` for a record that no store has to take. */
export function encodeRecord(what: string, fields: object): Uint8Array {
  const bytes = utf8(JSON.stringify({ schema: SCHEMA, kind: what, ...fields }));
  if (bytes.byteLength <= MAX_RECORD_BYTES) return bytes;
  throw new StoreError(
    'full',
    `A ${what} record of ${String(bytes.byteLength)} bytes is larger than a store takes.`,
  );
}

/** @throws {StoreError} `schema` for a record of a newer release, `corrupt` for what is no record of this kind. */
export function decodeRecord(what: string, value: Uint8Array): RecordReader {
  const record = new RecordReader(what, parsed(what, value));
  if (record.number('schema') > SCHEMA) {
    throw new StoreError(
      'schema',
      `A ${what} record was written by a newer release of mcp-oauth. Update this one.`,
    );
  }
  record.oneOf('kind', [what]);
  return record;
}

function parsed(what: string, value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(value)) as unknown;
  } catch (error) {
    // The parser's own message quotes what it read, which may be a token.
    if (error instanceof SyntaxError) {
      throw new StoreError('corrupt', `A ${what} record in the token store is damaged: it is no JSON.`);
    }
    throw error;
  }
}
