import { person } from '@mcp-oauth/e2e';

/** The callback of a host that receives it by itself, at its own address. */
export interface OwnCallback {
  readonly redirectUrl: string;
  readonly onRedirect: (authorizationUrl: URL) => Promise<void>;
  /** The address that the person came back to last. */
  taken(): string;
}

/** The person logs in at once and is sent back: the address is read from the redirect, and nothing listens at it. */
export function ownCallback(): OwnCallback {
  let address: string | undefined;
  return {
    redirectUrl: 'http://localhost:9876/callback',
    onRedirect: async (authorizationUrl) => {
      address = await person.consent(authorizationUrl);
    },
    taken: () => {
      if (address === undefined) throw new Error('Nobody came back from a login.');
      const taken = address;
      address = undefined;
      return taken;
    },
  };
}
