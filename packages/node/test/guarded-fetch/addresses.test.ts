import { expect, test } from '@jest/globals';
import { BlockedAddressError } from '@mcp-oauth/core';
import { blockedRange } from '../../src/guarded-fetch/blocked-range.js';
import { openGuardedFetch, rejection } from '../support/guarded.js';
import { startWebServer } from '../support/web-server.js';

const ofThisMachine = [
  '127.0.0.1',
  '127.0.0.1.',
  '127.8.8.8',
  '127.1',
  '2130706433',
  '0x7f.1',
  '0x7f000001',
  '0177.0.0.1',
  '①②⑦.0.0.1',
  '127。0。0。1',
  '0',
  '0.0.0.0',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  'localhost',
  'localhost.',
  'LOCALHOST',
  'foo.localhost',
  'foo.localhost.',
  'ｌｏｃａｌｈｏｓｔ',
];

test.each(ofThisMachine)('A05, A07: connects to nothing for https://%s', async (host) => {
  const inside = await startWebServer((_, response) => response.end(), '::');
  const fetch = openGuardedFetch();

  const error = await rejection(fetch(`https://${host}:${inside.port}/`));

  expect(error).toBeInstanceOf(BlockedAddressError);
  expect(inside.connections()).toBe(0);
});

test.each(ofThisMachine)('A05: says that http://%s leads inwards, not that it is no https', async (host) => {
  const fetch = openGuardedFetch();

  expect(await rejection(fetch(`http://${host}/`))).toBeInstanceOf(BlockedAddressError);
});

const blocked = [
  ['loopback', ['127.0.0.1', '127.255.255.255', '::1']],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
  [
    'private',
    ['10.0.0.5', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fc00::1', 'fd00:ec2::254'],
  ],
  ['link_local', ['169.254.169.254', '169.254.170.2', 'fe80::1', 'fe80::1%eth0']],
  ['carrier_grade_nat', ['100.64.0.1', '100.100.100.200', '100.127.255.255']],
  ['multicast', ['224.0.0.1', '239.255.255.250', 'ff02::1']],
  ['broadcast', ['255.255.255.255']],
  ['cloud_metadata', ['168.63.129.16']],
  [
    'ipv4_in_ipv6',
    [
      '::127.0.0.1',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::ffff:0:127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b::8.8.8.8',
      '64:ff9b:1::a00:1',
      '2002:7f00:1::',
      '2002:a9fe:a9fe::1',
      '2001:0:4136:e378:8000:63bf:80ff:fffe',
    ],
  ],
  [
    'reserved',
    [
      '192.0.0.1',
      '192.0.0.192',
      '192.0.2.1',
      '192.88.99.1',
      '192.31.196.1',
      '192.52.193.1',
      '192.175.48.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '240.0.0.1',
      '::7f00:1',
      '::2',
      '100::1',
      '2001:2::1',
      '2001:db8::1',
      '3fff::1',
      '4000::1',
      '5f00::1',
      'fec0::1',
    ],
  ],
  ['not_an_address', ['', 'localhost', '127.1', '2130706433', '0x7f.1', '8.8.8.8.', '8.8.8.8/8', '[::1]']],
] as const;

test.each(blocked.flatMap(([range, addresses]) => addresses.map((address) => [address, range])))(
  'A07: %s is blocked: %s',
  (address, range) => {
    expect(blockedRange(address)).toBe(range);
  },
);

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '93.184.216.34',
  '100.128.0.1',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
])('%s is of the public Internet', (address) => {
  expect(blockedRange(address)).toBeUndefined();
});

const public4 = '93.184.216.34';
const public6 = '2606:4700::1111';

test.each([
  ['inwards', ['127.0.0.1'], 'loopback'],
  ['to the metadata of a cloud', ['169.254.169.254'], 'link_local'],
  ['inwards, after a good answer', [public4, public6, '10.0.0.1'], 'private'],
  ['inwards, before a good answer', ['10.0.0.1', public4], 'private'],
  ['inwards by a gateway', ['64:ff9b::a9fe:a9fe'], 'ipv4_in_ipv6'],
  ['to what is no address', [public4, '127.1'], 'not_an_address'],
])('A05: connects to nothing where a name resolves %s', async (_, answer, reason) => {
  const inside = await startWebServer((_, response) => response.end(), '::');
  const asked: string[] = [];
  const fetch = openGuardedFetch({
    lookup: async (hostname) => {
      asked.push(hostname);
      return answer;
    },
  });

  const error = await rejection(fetch(`https://evil.example:${inside.port}/`));

  expect(error).toBeInstanceOf(BlockedAddressError);
  expect(error).toMatchObject({ code: 'blocked_address', field: 'url', reason });
  expect(asked).toEqual(['evil.example']);
  expect(inside.connections()).toBe(0);
});

test('does not tell what a name resolves to inside', async () => {
  const fetch = openGuardedFetch({ lookup: async () => ['10.20.30.40'] });

  const error = (await rejection(fetch('https://db.corp.example/'))) as BlockedAddressError;

  expect(error.message).toContain('db.corp.example" (private)');
  expect(`${error.message}${error.stack ?? ''}`).not.toContain('10.20.30.40');
});

test('a name with no address is a failure of the network', async () => {
  const fetch = openGuardedFetch({ lookup: async () => [] });

  const error = await rejection(fetch('https://nobody.example/'));

  expect(error).toMatchObject({ name: 'TypeError', cause: { code: 'ENOTFOUND' } });
});

test('a resolver that fails is a failure of the network, with nothing of its error in it but the code', async () => {
  const fetch = openGuardedFetch({
    lookup: () => Promise.reject(Object.assign(new Error('cnry-resolver'), { code: 'EAI_AGAIN' })),
  });

  const error = (await rejection(fetch('https://nobody.example/'))) as Error;

  expect(error).toMatchObject({ name: 'TypeError', cause: { code: 'EAI_AGAIN' } });
  expect(`${error.stack ?? ''}${String((error.cause as Error).stack)}`).not.toContain('cnry-resolver');
});
