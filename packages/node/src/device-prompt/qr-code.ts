/** ISO/IEC 18004 asks for four modules around the symbol, and cameras look for them. */
const QUIET_ZONE = 4;
/** More than any address of this kind has; the symbol would not fit a screen. */
const MAX_LENGTH = 500;

/** Black on white whatever the theme: by the colours that themes leave alone, else by those that each terminal has. */
const EXACT_COLOURS = '\x1b[38;5;16;48;5;231m';
const NAMED_COLOURS = '\x1b[30;107m';
const RESET = '\x1b[0m';

/** As far as it matters here. */
export interface Screen {
  /** Characters in a line. */
  readonly columns: number;
  /** Bits of colour for one character: 1 is none, 8 is 256 colours. */
  readonly colourDepth: number;
}

/**
 * A QR code as lines for a terminal, each of them two lines of modules high; `undefined` where it would not be readable
 * there.
 */
export async function qrCodeLines(text: string, screen: Screen): Promise<readonly string[] | undefined> {
  if (text.length > MAX_LENGTH || screen.colourDepth < 4) return undefined;
  // Loaded when used: most logins show none.
  const { encode } = await import('uqr');
  const { data, size } = encode(text, { ecc: 'L', border: QUIET_ZONE });
  if (size > screen.columns) return undefined;
  const colours = screen.colourDepth >= 8 ? EXACT_COLOURS : NAMED_COLOURS;
  return halfBlocks(data).map((line) => `${colours}${line}${RESET}`);
}

/** Two lines of modules in one of characters: nearly square in every terminal font. */
function halfBlocks(modules: readonly (readonly boolean[])[]): readonly string[] {
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const [upper = [], lower = []] = [modules[row], modules[row + 1]];
    lines.push(upper.map((isDark, column) => block(isDark, lower[column] === true)).join(''));
  }
  return lines;
}

function block(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}
