const MAX_CHARACTERS = 400;

/** Text of an MCP server as it may stand in a sentence: short, in one line, with nothing that hides or turns text. */
export function serverText(text: string, maxCharacters = MAX_CHARACTERS): string {
  const line = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}+/gu, '')
    .trim();
  return cut(line, maxCharacters);
}

/** The same for a block of text, whose lines stay. */
export function serverBlock(text: string, maxCharacters: number): string {
  return cut(text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, ''), maxCharacters);
}

function cut(text: string, maxCharacters: number): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1).trimEnd()}…` : text;
}
