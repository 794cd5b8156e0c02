import { encode } from 'uqr';

const halves: Readonly<Record<string, readonly [upper: boolean, lower: boolean]>> = {
  ' ': [false, false],
  '▀': [true, false],
  '▄': [false, true],
  '█': [true, true],
};

/** Dark characters on a light ground, and back: a line that left that out would depend on the theme. */
const colouredLine = /^\x1b\[(?:38;5;16;48;5;231|30;107)m([ ▀▄█]+)\x1b\[0m$/;

/** The modules that a camera sees, line by line: `true` is dark. */
export function modulesShown(shown: string): readonly (readonly boolean[])[] {
  const lines = shown.split('\r\n').flatMap((line) => colouredLine.exec(line)?.[1] ?? []);
  return lines.flatMap((line) => {
    const pairs = Array.from(line).map((character) => halves[character] ?? [false, false]);
    return [pairs.map(([upper]) => upper), pairs.map(([, lower]) => lower)];
  });
}

/** What has to be seen: the symbol, its quiet zone, and half a line of ground where the number of lines is odd. */
export function qrModules(text: string): readonly (readonly boolean[])[] {
  const { data, size } = encode(text, { ecc: 'L', border: 4 });
  return size % 2 === 0 ? data : [...data, Array.from({ length: size }, () => false)];
}

export function withoutColours(shown: string): string {
  return shown.replace(/\x1b\[[\d;]*m/g, '');
}
