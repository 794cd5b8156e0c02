/** Server text as it may stand in a message: quoted, without control characters, cut. */
export function quoted(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return JSON.stringify(printable.length > 120 ? `${printable.slice(0, 119)}…` : printable);
}
