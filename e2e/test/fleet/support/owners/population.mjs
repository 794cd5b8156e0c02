/**
 * Names that a careless key would take for one another: by a separator, by case, by normalization, by trimming, by
 * escaping, by cutting off, by the prototype of an object, or by the way in which this library itself joins them.
 */
const lookAlikes = [
  ...['a', 'b', 'c', 'a:b', 'b:c', 'a:b:c', 'a/b', 'a|b', 'a,b', 'a\0b', 'a b', 'a.b', 'a b '],
  ...['alice', 'Alice', 'ALICE', 'alice ', ' alice', 'alice\n', 'alice\0', 'alice%20', 'alice+', 'alice/'],
  ...['andr\u00e9', 'andre\u0301', '\u212b', '\u00c5', 'A\u030a', 'stra\u00dfe', 'strasse', '\ufb01n', 'fin'],
  ...['\u0131', 'i', 'I', '\u0130', 'i\u0307', '\u043ealice', 'al\u0456ce', '\u200balice', 'ali\u00adce'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'undefined', 'null', 'true'],
  ...['0', '00', '1', '-1', '1e0', '[object Object]', '{"tenant":"a","user":"b"}', '["a","b"]', 'default'],
  ...['1:a', '1:a1:b', '3:a:b', '2:a1', '*', '?', 'alic?', 'a*', '\u{1f600}', '\u{1f600}\u{1f600}'],
  ...['x'.repeat(1_023), 'x'.repeat(1_024), `${'x'.repeat(1_023)}y`, `y${'x'.repeat(1_023)}`],
];

const tenants = [
  ...[
    ['a', 'b'],
    ['b', 'a'],
    ['a', 'b:c'],
    ['a:b', 'c'],
    ['a:b:c', 'a'],
    ['A', 'b'],
    ['a', 'B'],
    ['a ', 'b'],
  ],
  ...[
    ['a', ' b'],
    ['a', 'b '],
    ['1:a', 'b'],
    ['a', '1:b'],
    ['a1:b', 'c'],
    ['a', 'b1:c'],
    ['a\0', 'b'],
    ['a', '\0b'],
  ],
  ...[
    ['alice', 'alice'],
    ['__proto__', 'alice'],
    ['alice', '__proto__'],
    ['constructor', 'a'],
    ['undefined', 'a'],
  ],
  ...[
    ['x'.repeat(1_024), 'y'],
    ['x'.repeat(1_023), 'xy'],
    ['andr\u00e9', 'a'],
    ['andre\u0301', 'a'],
  ],
].map(([tenant, user]) => ({ tenant, user }));

const hostile = [...lookAlikes, ...tenants];
const hostileProfiles = [
  'default',
  'Default',
  'default ',
  'a',
  'a:b',
  '__proto__',
  'andr\u00e9',
  'andre\u0301',
];

export const hostileCount = hostile.length;

/** The owner with this number. The first are those whose names are easily mixed up. */
export function ownerAt(index) {
  if (index < hostile.length) return hostile[index];
  const name = `user-${index}`;
  return index % 3 === 0 ? { tenant: `tenant-${index % 7}`, user: name } : name;
}

/** The accounts that an owner has at each server. */
export function profilesAt(index) {
  if (index < hostile.length) return hostileProfiles;
  return index % 10 === 0 ? ['default', `work-${index}`] : ['default'];
}

/** Who a token is issued to, as the authorization server knows them. */
export const identityOf = (owner, profile) => JSON.stringify([owner, profile]);
