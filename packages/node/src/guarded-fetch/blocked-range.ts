import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Azure answers virtual machines here with their configuration, from what looks like any public address. */
const PUBLIC_BUT_INWARD = new Set(['168.63.129.16']);

const names: Readonly<Record<string, string>> = {
  broadcast: 'broadcast',
  carrierGradeNat: 'carrier-grade NAT',
  linkLocal: 'link-local',
  loopback: 'loopback',
  multicast: 'multicast',
  private: 'private',
  uniqueLocal: 'private',
  unspecified: 'unspecified',
  // Each holds an IPv4 address that a gateway, or this machine, would unpack.
  '6to4': 'IPv4 in IPv6',
  ipv4Mapped: 'IPv4 in IPv6',
  rfc6052: 'IPv4 in IPv6',
  rfc6145: 'IPv4 in IPv6',
  teredo: 'IPv4 in IPv6',
};

/** What kind of inward or reserved address this is, in a word; `undefined` for one of the public Internet. */
export function blockedRange(address: string): string | undefined {
  if (isIP(address) === 0) return 'not an address';
  if (PUBLIC_BUT_INWARD.has(address)) return 'cloud metadata';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== 'unicast') return names[range] ?? 'reserved';
  // All of the public Internet is in 2000::/3. ipaddr.js calls unicast whatever it doesn't know, ::127.0.0.1 too.
  return parsed.kind() === 'ipv6' && !isGlobalUnicast(parsed as ipaddr.IPv6) ? 'reserved' : undefined;
}

/** The same for the host of a URL, as far as it can be told without asking a resolver. */
export function blockedHost(hostname: string): string | undefined {
  const name = hostname.replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  const address = name.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? undefined : blockedRange(address);
}

function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return (address.parts[0] ?? 0) >> 13 === 1;
}
