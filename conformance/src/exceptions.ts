/** What an SDK leaves no way to do through one of its seams. */
export interface Exception {
  readonly driver: string;
  readonly scenarios: readonly string[];
  readonly reason: string;
  /** Shows the limit, and fails once it is gone. Below `conformance/exceptions/`. */
  readonly reproduction: string;
}

export const exceptions: readonly Exception[] = [
  {
    driver: 'v1-auth-provider',
    scenarios: ['auth/dpop', 'auth/dpop-nonce'],
    reason:
      'With an `authProvider`, the transport of SDK v1 sends every token as `Bearer` and gives the provider no way to add a proof to a request. DPoP needs `session.fetch` there.',
    reproduction: 'v1-auth-provider-dpop/reproduction.mjs',
  },
];

export function exceptionOf(driver: string, scenario: string): Exception | undefined {
  return exceptions.find(
    (exception) => exception.driver === driver && exception.scenarios.includes(scenario),
  );
}
