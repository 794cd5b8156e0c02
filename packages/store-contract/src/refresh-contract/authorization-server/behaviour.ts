/** What servers in the field differ in, as far as a refresh goes. */
export interface ServerBehaviour {
  /** How long an access token of this generation lives, in whole seconds. The first generation is 1. */
  readonly lifetimeSeconds: (generation: number) => number;
  /**
   * What happens to a refresh token that comes again after it was spent. `revokes`: its family ends (RFC 9700 section
   * 4.14.2). `forgiven`: it is good until the refresh token that was given for it has been used.
   */
  readonly reuse: 'revokes' | 'forgiven';
  /** How long a refresh takes, in milliseconds. */
  readonly latencyMs: number;
}

export const strict: ServerBehaviour = {
  lifetimeSeconds: () => 3,
  reuse: 'revokes',
  // All processes come while one refreshes: they begin within 300 ms, by their jitter, with tokens that live so long.
  latencyMs: 400,
};

export const lenient: ServerBehaviour = { ...strict, reuse: 'forgiven' };

/** Tokens of which the first is soon over, so that a refresh is due, and the others live longer than any case. */
export const onlyTheFirstEnds = (generation: number): number => (generation === 1 ? 1 : 120);
