import { inspect } from 'node:util';

/** One way in which a value may be seen: printed, serialized, decoded. */
export interface View {
  readonly where: string;
  readonly text: string;
}

/** Everything that would show if the value were logged: itself, its stack, its causes, as `inspect` and JSON. */
export function printedViews(value: unknown, where: string, seen = new Set<unknown>()): readonly View[] {
  if (typeof value === 'string') return [{ where, text: value }];
  if (ArrayBuffer.isView(value)) {
    return [
      { where, text: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1') },
    ];
  }
  if (value === null || seen.has(value)) return [];
  if (typeof value !== 'object' && typeof value !== 'function') return [{ where, text: inspect(value) }];
  seen.add(value);
  const complete = { depth: 9, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity };
  const views: View[] = [
    { where: `inspect of ${where}`, text: inspect(value, complete) },
    { where: `plain inspect of ${where}`, text: inspect(value, { ...complete, customInspect: false }) },
    { where: `JSON of ${where}`, text: json(value) },
  ];
  const { message, stack, cause, errors } = value as Record<string, unknown>;
  if (typeof stack !== 'string') return views;
  return [
    ...views,
    { where: `message of ${where}`, text: String(message) },
    { where: `stack of ${where}`, text: stack },
    ...printedViews(cause, `cause of ${where}`, seen),
    ...(Array.isArray(errors) ? printedViews(errors, `errors of ${where}`, seen) : []),
  ];
}

/** The text as it is, and with everything decoded that looks encoded. */
export function decodedViews({ where, text }: View): readonly View[] {
  const plain = [{ where, text }];
  const unescaped = percentDecoded(text);
  if (unescaped !== text) plain.push({ where: `${where}, percent-decoded`, text: unescaped });
  return plain.flatMap((view) => [
    view,
    { where: `${view.where}, base64-decoded`, text: base64Decoded(view.text) },
  ]);
}

function json(value: object): string {
  try {
    const text: unknown = JSON.stringify(value);
    return typeof text === 'string' ? text : '';
  } catch (error) {
    // Circular values and big integers have no JSON, so nothing can leak that way.
    if (error instanceof TypeError) return '';
    throw error;
  }
}

function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1'),
  );
}

/** Both alphabets, and all four ways in which a run of characters may be aligned. */
function base64Decoded(text: string): string {
  return [...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)]
    .flatMap(([run]) => [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')))
    .join('\n');
}
