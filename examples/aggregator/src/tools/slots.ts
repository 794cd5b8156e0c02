/** Too much at once: of the owner's own, or of all owners together. */
export class TooManyCallsError extends Error {
  override readonly name = 'TooManyCallsError';
  readonly whose: 'own' | 'all';

  constructor(whose: 'own' | 'all') {
    super('Too many calls are under way.');
    this.whose = whose;
  }
}

export interface SlotLimits {
  readonly perOwner: number;
  readonly total: number;
}

/** How much may go on at once: for each owner, so that one can't use up what is there for all. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** @throws {TooManyCallsError} nothing was begun. */
  async within<Result>(owner: string, body: () => Promise<Result>): Promise<Result> {
    const own = this.#taken.get(owner) ?? 0;
    if (own >= this.#limits.perOwner) throw new TooManyCallsError('own');
    if (this.#total >= this.#limits.total) throw new TooManyCallsError('all');
    this.#taken.set(owner, own + 1);
    this.#total += 1;
    try {
      return await body();
    } finally {
      const left = (this.#taken.get(owner) ?? 1) - 1;
      if (left === 0) this.#taken.delete(owner);
      else this.#taken.set(owner, left);
      this.#total -= 1;
    }
  }
}
