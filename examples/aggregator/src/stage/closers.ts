interface Closable {
  close(): Promise<unknown>;
}

/** What was started, and is to be ended in the opposite order. */
export class Closers {
  readonly #started: Closable[] = [];

  async add<Part extends Closable>(starting: Promise<Part>): Promise<Part> {
    const part = await starting;
    this.#started.unshift(part);
    return part;
  }

  /** Closes what it can, and then rejects with the first that failed. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const part of this.#started.splice(0)) {
      await part.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
