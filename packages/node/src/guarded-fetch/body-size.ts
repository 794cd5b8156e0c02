const [LF, CR] = [10, 13];

/** Counts what a reader may have to keep in memory at once. */
export interface BodySize {
  /** The largest size that is reached in this piece, in bytes. */
  add(piece: Uint8Array): number;
}

/** The whole of it. */
export class TotalSize implements BodySize {
  #bytes = 0;

  add(piece: Uint8Array): number {
    return (this.#bytes += piece.byteLength);
  }
}

/** Each event of an event stream: whoever parses it keeps one until the blank line behind it, which may never come. */
export class EventSize implements BodySize {
  #bytes = 0;
  #lineIsEmpty = true;
  #afterCr = false;

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
