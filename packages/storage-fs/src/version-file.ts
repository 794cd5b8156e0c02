import { createHash } from 'node:crypto';

/** One version of a record, as its file holds it. */
export interface VersionFile {
  readonly partition: string;
  readonly id: string;
  readonly version: string;
  /** The version that this one was written over, `null` for the first of a record. */
  readonly previous: string | null;
  /** Milliseconds since the epoch, `null` for a record that stays. */
  readonly expiresAt: number | null;
  /** The record ended here: nothing is ever written over such a version. */
  readonly deleted: boolean;
  readonly value: Uint8Array;
}

/** The 64 KiB that the port promises, and what an encrypting store around this one adds to them. */
export const maxValueBytes = 65 * 1024;
export const maxFileBytes = maxValueBytes + 1024;

const magic = 'mcp-oauth-record ';
const formatLine = `${magic}1\n`;
const digestLength = 64;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** `<sha256 of all that follows the space> mcp-oauth-record 1\n<header as JSON>\n<value>` */
export function encodeVersionFile({ value, ...header }: VersionFile): Uint8Array {
  const head = encoder.encode(`${formatLine}${JSON.stringify(header)}\n`);
  const digest = createHash('sha256').update(head).update(value).digest('hex');
  return Buffer.concat([encoder.encode(`${digest} `), head, value]);
}

/** `undefined`: damaged, or not a file of this store. `'newer'`: intact, in a format that is not known here. */
export function decodeVersionFile(bytes: Uint8Array): VersionFile | 'newer' | undefined {
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
  const body = digestLength + 1;
  if (text(digestLength, body + magic.length) !== ` ${magic}`) return undefined;
  const digest = createHash('sha256').update(bytes.subarray(body)).digest('hex');
  if (text(0, digestLength) !== digest) return undefined;
  const headerStart = body + formatLine.length;
  if (text(body, headerStart) !== formatLine) return 'newer';
  const headerEnd = bytes.indexOf(0x0a, headerStart);
  if (headerEnd < 0) return undefined;
  const header = parseHeader(bytes.subarray(headerStart, headerEnd));
  // A copy: a caller who changes or transfers it must not reach the header.
  return header && { ...header, value: bytes.slice(headerEnd + 1) };
}

function parseHeader(bytes: Uint8Array): Omit<VersionFile, 'value'> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    // SyntaxError of JSON, TypeError of UTF-8: somebody else's text with a checksum that fits.
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { partition, id, version, previous, expiresAt, deleted } = parsed as Record<string, unknown>;
  if (typeof partition !== 'string' || typeof id !== 'string' || typeof version !== 'string')
    return undefined;
  if (previous !== null && typeof previous !== 'string') return undefined;
  if (expiresAt !== null && typeof expiresAt !== 'number') return undefined;
  if (typeof deleted !== 'boolean') return undefined;
  return { partition, id, version, previous, expiresAt, deleted };
}
