/** Text from elsewhere as it may stand in a terminal: no control characters, no tricks with look-alikes, not endless. */
export function printable(text: string, maxLength: number): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?');
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 3)}...` : plain;
}

/** A server's address with an internationalized name in its ASCII form, where look-alikes show. */
export function printableServer(resource: string): string {
  return printable(URL.canParse(resource) ? new URL(resource).href : resource, 200);
}
