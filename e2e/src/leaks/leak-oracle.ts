import { decodedViews, printedViews } from './views.js';

/** Where a secret turned up. Doesn't hold the secret. */
export interface Leak {
  /** The kind of a canary, `canary part`, or `secret` for any other. */
  readonly kind: string;
  /** `stack of the error, base64-decoded`. */
  readonly where: string;
}

const canaryPattern = /cnry_([a-z]+)_[0-9a-f]{4,}/g;
const wholeCanary = /^cnry_[a-z]+_([0-9a-f]{32})$/;
const canaryPart = 8; // hex digits
const secretPart = 16; // characters

/**
 * Searches what a program shows for what it must keep: as it is, percent-encoded, in base64 or base64url.
 *
 * Canaries are found without being told of. Of those that it was told of, eight digits are enough; of any other
 * secret, sixteen characters.
 */
export class LeakOracle {
  readonly #canaryParts = new Set<string>();
  readonly #secretParts = new Set<string>();

  constructor(secrets: Iterable<string> = []) {
    this.add(...secrets);
  }

  add(...secrets: readonly string[]): void {
    for (const secret of secrets) {
      const digits = wholeCanary.exec(secret)?.[1];
      if (digits !== undefined) addAll(this.#canaryParts, windows(digits, canaryPart));
      else if (secret.length >= secretPart) addAll(this.#secretParts, windows(secret, secretPart));
      else throw new Error(`A secret needs at least ${secretPart} characters to be told from other text.`);
    }
  }

  /** Every place in which a secret shows when `value` is printed. */
  findIn(value: unknown, where = 'the value'): readonly Leak[] {
    return printedViews(value, where)
      .flatMap(decodedViews)
      .flatMap((view) => this.#kindsIn(view.text).map((kind) => ({ kind, where: view.where })));
  }

  #kindsIn(text: string): readonly string[] {
    const kinds = new Set([...text.matchAll(canaryPattern)].map(([, kind = '']) => kind));
    if (kinds.size === 0 && some(windows(text, canaryPart), this.#canaryParts)) kinds.add('canary part');
    if (some(windows(text, secretPart), this.#secretParts)) kinds.add('secret');
    return [...kinds];
  }
}

/** Throws, and says where, if any of the subjects shows a secret. The keys name them. */
export function expectNoLeaks(
  subjects: Readonly<Record<string, unknown>>,
  secrets: Iterable<string> = [],
): void {
  const oracle = new LeakOracle(secrets);
  const leaks = Object.entries(subjects).flatMap(([name, value]) => oracle.findIn(value, name));
  if (leaks.length === 0) return;
  const places = leaks.map(({ kind, where }) => `${kind} in ${where}`);
  throw new Error(`Secrets leaked: ${[...new Set(places)].join('; ')}.`);
}

function* windows(text: string, size: number): Generator<string> {
  for (let at = 0; at + size <= text.length; at += 1) yield text.slice(at, at + size);
}

function addAll(set: Set<string>, items: Iterable<string>): void {
  for (const item of items) set.add(item);
}

function some(candidates: Iterable<string>, wanted: ReadonlySet<string>): boolean {
  if (wanted.size === 0) return false;
  for (const candidate of candidates) if (wanted.has(candidate)) return true;
  return false;
}
