/** What an SDK leaves no way to do through one of its seams. */
export interface Exception {
  readonly scenarios: readonly string[];
  readonly reason: string;
  /** Shows the limit, and fails once it is gone. Below `conformance/exceptions/`. */
  readonly reproduction: string;
}

/** By driver. */
export const exceptions: Readonly<Record<string, readonly Exception[]>> = {
  'v1-auth-provider': [
    {
      scenarios: ['auth/dpop', 'auth/dpop-nonce'],
      reason:
        'with an `authProvider`, the transport of SDK v1 sends every token as `Bearer` and tells the provider nothing of ' +
        'a request that it could sign. DPoP needs `session.fetch` there.',
      reproduction: 'v1-auth-provider-dpop/reproduction.mjs',
    },
  ],
};
