/** Something that the demo was about to tell is not so. */
export class BrokenClaimError extends Error {
  override readonly name = 'BrokenClaimError';

  constructor(claim: string, found: string | number | boolean, expected: string | number | boolean) {
    super(`Not so: ${claim} (expected ${String(expected)}, found ${String(found)}).`);
  }
}
