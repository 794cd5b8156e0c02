/** What must not be found, by what it is. */
export type Needles = Readonly<Record<string, readonly (string | Uint8Array)[]>>;

/** Which kinds of needle stand in which of the files, in whatever form: `refresh in tokens.db-wal`. */
export function traces(files: ReadonlyMap<string, Buffer>, needles: Needles): readonly string[] {
  const found: string[] = [];
  for (const [kind, ofKind] of Object.entries(needles)) {
    if (ofKind.length === 0) throw new Error(`There is no ${kind} to be looked for.`);
    const forms = ofKind.flatMap((needle) => formsOf(Buffer.from(needle as string)));
    for (const [name, bytes] of files)
      if (forms.some((form) => bytes.includes(form))) found.push(`${kind} in ${name}`);
  }
  return found;
}

/** As it is, as UTF-16, hexadecimal, percent-encoded, as in JSON, and in both alphabets of base64. */
export function formsOf(needle: Buffer): readonly Buffer[] {
  const text = needle.toString('latin1');
  const hex = needle.toString('hex');
  const inBase64 = [0, 1, 2].map((before) => base64Behind(before, needle));
  const percent = hex.replaceAll(/../g, '%$&');
  const texts = [
    text,
    hex,
    hex.toUpperCase(),
    percent,
    percent.toUpperCase(),
    // A raw key is no text, and has no such form.
    ...(/^[\x20-\x7e]*$/.test(text) ? [encodeURIComponent(text), text.replaceAll('/', '\\/')] : []),
    ...inBase64,
    ...inBase64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [Buffer.from(text, 'utf16le'), ...texts.map((form) => Buffer.from(form, 'latin1'))];
}

/** Those characters of its base64 that do not depend on what stands before and behind it. */
function base64Behind(before: number, needle: Buffer): string {
  const whole = Buffer.concat([Buffer.alloc(before), needle]);
  const firstOwn = Math.ceil((before * 8) / 6);
  const lastOwn = Math.floor((whole.length * 8) / 6);
  return whole.toString('base64').slice(firstOwn, lastOwn);
}
