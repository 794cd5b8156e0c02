const [LF, CR] = [10, 13];

/**
 * Counts the bytes of each event of an event stream: whoever parses it keeps an event until the blank line behind it,
 * which may never come.
 */
export class EventSize {
  #bytes = 0;
  #lineIsEmpty = true;
  #afterCr = false;

  /** The size of the largest event that is in the piece or goes on in it. */
  add(piece: Uint8Array): number {
    let largest = 0;
    for (const byte of piece) {
      this.#bytes++;
      const ends = byte === CR || (byte === LF && !this.#afterCr);
      if (ends) {
        if (this.#bytes > largest) largest = this.#bytes;
        if (this.#lineIsEmpty) this.#bytes = 0;
        this.#lineIsEmpty = true;
      } else if (byte !== LF) this.#lineIsEmpty = false;
      this.#afterCr = byte === CR;
    }
    return Math.max(largest, this.#bytes);
  }
}
