import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { BlockedAddressReason } from '@mcp-oauth/core';
import { blockedRange } from './blocked-range.js';
import type { Lookup } from './guarded-fetch-options.js';

/** A name resolves to an address that must not be connected to. */
export class BlockedResolution extends Error {
  readonly reason: BlockedAddressReason;

  constructor(reason: BlockedAddressReason) {
    super(`The name resolves to an address that is ${reason}.`);
    this.name = 'BlockedResolution';
    this.reason = reason;
  }
}

export async function allAddresses(hostname: string): Promise<readonly string[]> {
  return (await systemLookup(hostname, { all: true })).map(({ address }) => address);
}

/**
 * Resolves for a socket that is about to be connected. The socket takes the very addresses that were checked, so a
 * name can't be answered in another way in between.
 */
export function socketLookup(lookup: Lookup, isAllowed: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(lookup, hostname, isAllowed).then(
      (addresses) => {
        if (options.all) callback(null, addresses);
        else callback(null, addresses[0].address, addresses[0].family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}

interface Address {
  readonly address: string;
  readonly family: number;
}

async function resolve(
  lookup: Lookup,
  hostname: string,
  isAllowed: boolean,
): Promise<[Address, ...Address[]]> {
  const [first, ...others] = (await lookup(hostname)).map((address) => {
    // One bad answer among good ones is enough: nobody publishes that by accident.
    const reason = isAllowed ? undefined : blockedRange(address);
    if (reason !== undefined) throw new BlockedResolution(reason);
    return { address, family: isIP(address) };
  });
  if (first) return [first, ...others];
  throw Object.assign(new Error('The name has no address.'), { code: 'ENOTFOUND' });
}
