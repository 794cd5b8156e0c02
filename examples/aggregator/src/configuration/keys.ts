import { hkdfSync } from 'node:crypto';

/** One secret of the deployment, and from it a key for each use, so that none can stand in for another. */
export interface Keys {
  /** Signs who is signed in. */
  readonly sessions: Uint8Array<ArrayBuffer>;
  /** Makes the tokens of the forms. */
  readonly forms: Uint8Array<ArrayBuffer>;
  /** Signs what the next page is to tell. */
  readonly notices: Uint8Array<ArrayBuffer>;
  /** Hides owners in the store and seals `state`: the same on every replica. */
  readonly oauth: Uint8Array<ArrayBuffer>;
}

export function deriveKeys(secret: string): Keys {
  const key = (use: string): Uint8Array<ArrayBuffer> =>
    new Uint8Array(hkdfSync('sha256', secret, '', `aggregator ${use}`, 32));
  return { sessions: key('sessions'), forms: key('forms'), notices: key('notices'), oauth: key('oauth') };
}
