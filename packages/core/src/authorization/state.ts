import { fromBase64Url, randomToken, sha256, toBase64Url } from '../session-key/digest.js';
import type { StoreSecret } from '../session-key/store-secret.js';

const PARTITION_BYTES = 16;
const FLOW_BYTES = 32;

/** What a sealed `state` holds: enough to find the flow's record from any replica, without an index. */
export interface FlowReference {
  readonly partition: string;
  /** The record's id. It is a hash, so that the store alone can't forge a callback. */
  readonly id: string;
}

export interface NewState extends FlowReference {
  readonly state: string;
}

/**
 * A new `state` for a flow in this partition: 256 random bits beside the partition, sealed, so that no server can
 * tell whose it is, and a forged one is refused without asking the store.
 */
export async function createState(secret: StoreSecret, partition: Uint8Array): Promise<NewState> {
  const flow = crypto.getRandomValues(new Uint8Array(FLOW_BYTES));
  const plain = new Uint8Array(PARTITION_BYTES + FLOW_BYTES);
  plain.set(partition);
  plain.set(flow, PARTITION_BYTES);
  return { state: toBase64Url(await secret.seal(plain)), ...(await reference(plain)) };
}

/** `undefined` for a state that was not made with this secret. */
export async function openState(secret: StoreSecret, state: string): Promise<FlowReference | undefined> {
  const sealed = state.length > 200 ? undefined : fromBase64Url(state);
  const plain = sealed && (await secret.unseal(sealed));
  return plain?.byteLength === PARTITION_BYTES + FLOW_BYTES ? reference(plain) : undefined;
}

async function reference(plain: Uint8Array): Promise<FlowReference> {
  return {
    partition: toBase64Url(plain.subarray(0, PARTITION_BYTES)),
    id: `pending-${await sha256(toBase64Url(plain.subarray(PARTITION_BYTES)))}`,
  };
}

export interface Pkce {
  readonly codeVerifier: string;
  /** S256 (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
}

export async function createPkce(): Promise<Pkce> {
  const codeVerifier = randomToken();
  return { codeVerifier, codeChallenge: await sha256(codeVerifier) };
}
