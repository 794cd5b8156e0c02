import { sparePort } from './spare-port.js';

/** A redirect address on this machine whose port no other test uses, for clients that may use nothing else. */
export async function freeRedirectUri(): Promise<string> {
  return `http://localhost:${String(await sparePort())}/callback`;
}
