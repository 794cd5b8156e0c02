/** A promise of the contract is broken. The message says which, and what was seen. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

/** Anything but `true` breaks the contract. */
export function must(holds: boolean, promise: string, seen?: unknown): asserts holds {
  if (holds) return;
  throw new ContractViolation(seen === undefined ? promise : `${promise}. Seen: ${shown(seen)}`);
}

export function mustEqual(seen: unknown, expected: unknown, promise: string): void {
  if (shown(seen) !== shown(expected)) {
    throw new ContractViolation(`${promise}. Expected ${shown(expected)}, seen ${shown(seen)}`);
  }
}

/** How values compare here, and how they are shown: bytes by their first few and their number. */
function shown(value: unknown): string {
  if (value === undefined) return 'undefined';
  return JSON.stringify(value, function (this: Record<string, unknown>, name: string, member: unknown) {
    // Not `member`: a Buffer has turned itself into something else by now.
    const raw = this[name];
    if (raw instanceof Uint8Array) return `${String(raw.length)} bytes ${hex(raw)}`;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

function hex(bytes: Uint8Array): string {
  const digits = (part: Uint8Array) => [...part].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (bytes.length <= 48) return digits(bytes);
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return `${digits(bytes.subarray(0, 16))}… sum ${String(sum)}`;
}

export function isStoreError(error: unknown): boolean {
  return hasErrorCode(error, 'store_failed');
}

export function isLimitExceeded(error: unknown): boolean {
  return hasErrorCode(error, 'limit_exceeded');
}

function hasErrorCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** What a promise came to, as a value. */
export type Settled<T> =
  { readonly resolved: true; readonly value: T } | { readonly resolved: false; readonly error: unknown };

export async function settled<T>(work: Promise<T>): Promise<Settled<T>> {
  try {
    return { resolved: true, value: await work };
  } catch (error) {
    return { resolved: false, error };
  }
}

export function described(outcome: Settled<unknown>): string {
  if (outcome.resolved) return `resolved with ${shown(outcome.value)}`;
  const { error } = outcome;
  const isObject = typeof error === 'object' && error !== null;
  const code = isObject && 'code' in error ? ` (code ${String(error.code)})` : '';
  const message = isObject && 'message' in error ? String(error.message) : String(error);
  return `rejected with ${message}${code}`;
}
