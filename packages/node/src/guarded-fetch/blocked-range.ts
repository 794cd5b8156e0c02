import { isIP } from 'node:net';
import type { BlockedAddressReason } from '@mcp-oauth/core';
import ipaddr from 'ipaddr.js';

/** Azure answers virtual machines here with their configuration, from what looks like any public address. */
const PUBLIC_BUT_INWARD = new Set(['168.63.129.16']);

const reasons: Readonly<Record<string, BlockedAddressReason>> = {
  broadcast: 'broadcast',
  carrierGradeNat: 'carrier_grade_nat',
  linkLocal: 'link_local',
  loopback: 'loopback',
  multicast: 'multicast',
  private: 'private',
  uniqueLocal: 'private',
  unspecified: 'unspecified',
  // Each holds an IPv4 address that a gateway, or this machine, would unpack.
  '6to4': 'ipv4_in_ipv6',
  ipv4Mapped: 'ipv4_in_ipv6',
  rfc6052: 'ipv4_in_ipv6',
  rfc6145: 'ipv4_in_ipv6',
  teredo: 'ipv4_in_ipv6',
};

/** What kind of inward or reserved address this is, `undefined` for one of the public Internet. */
export function blockedRange(address: string): BlockedAddressReason | undefined {
  if (isIP(address) === 0) return 'not_an_address';
  if (PUBLIC_BUT_INWARD.has(address)) return 'cloud_metadata';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return reasons[range] ?? 'reserved';
  // All of the public Internet is in 2000::/3. ipaddr.js calls unicast whatever it doesn't know, ::127.0.0.1 too.
  return parsed.kind() === 'ipv6' && !isGlobalUnicast(parsed as ipaddr.IPv6) ? 'reserved' : undefined;
}

/** The same for the host of a URL, as far as it can be told without asking a resolver. */
export function blockedHost(hostname: string): BlockedAddressReason | undefined {
  const name = hostname.replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  const address = name.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? undefined : blockedRange(address);
}

function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return (address.parts[0] ?? 0) >> 13 === 1;
}
