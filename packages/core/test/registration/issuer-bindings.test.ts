import { expect, test } from '@jest/globals';
import { MemoryTokenStore } from '../../src/in-memory/memory-token-store.js';
import { IssuerBindings } from '../../src/registration/issuer-bindings.js';
import {
  REGISTRATIONS_PARTITION,
  RegistrationRepository,
} from '../../src/registration/registration-repository.js';

const MCP = 'https://mcp.example/mcp';
const OTHER = 'https://other.example/mcp';
const ONE = 'https://one.example';
const TWO = 'https://two.example';

test('the first issuer of a client is remembered in the store, and another one is refused', async () => {
  const store = new MemoryTokenStore();
  const bindings = new IssuerBindings(store);
  expect(await bindings.issuer(MCP, 'mine')).toBeUndefined();
  await bindings.bind(MCP, 'mine', ONE);
  await bindings.bind(MCP, 'mine', ONE);
  const elsewhere = new IssuerBindings(store);
  expect(await elsewhere.issuer(MCP, 'mine')).toBe(ONE);
  await expect(elsewhere.bind(MCP, 'mine', TWO)).rejects.toMatchObject({
    code: 'issuer_mismatch',
    expected: ONE,
    found: TWO,
  });
  expect(await bindings.issuer(MCP, 'mine')).toBe(ONE);
});

test('of many that begin at once at two issuers, those at the one that was first go on', async () => {
  const store = new MemoryTokenStore();
  const issuers = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? ONE : TWO));
  const outcomes = await Promise.allSettled(
    issuers.map((issuer) => new IssuerBindings(store).bind(MCP, 'mine', issuer)),
  );
  // Whoever was called first need not be first at the store: ids are digests, made on other threads.
  const first = await new IssuerBindings(store).issuer(MCP, 'mine');
  expect(outcomes.map(({ status }) => status)).toEqual(
    issuers.map((issuer) => (issuer === first ? 'fulfilled' : 'rejected')),
  );
});

test('it holds for one client at one MCP server', async () => {
  const bindings = new IssuerBindings(new MemoryTokenStore());
  await bindings.bind(MCP, 'mine', ONE);
  await bindings.bind(MCP, 'another', TWO);
  await bindings.bind(OTHER, 'mine', TWO);
  expect(await bindings.issuer(MCP, 'mine')).toBe(ONE);
  expect(await bindings.issuer(OTHER, 'mine')).toBe(TWO);
});

test('forgetting is for one MCP server, takes what nobody can read too, and leaves registrations', async () => {
  const store = new MemoryTokenStore();
  const bindings = new IssuerBindings(store);
  const repository = new RegistrationRepository(store);
  await bindings.bind(MCP, 'mine', ONE);
  await bindings.bind(MCP, 'another', ONE);
  await bindings.bind(OTHER, 'mine', ONE);
  await repository.put('registration-x', null, {
    issuer: ONE,
    redirect_uris: [],
    client: { client_id: 'c' },
  });
  const damaged = { partition: REGISTRATIONS_PARTITION, id: 'issuer-damaged' };
  await store.compareAndSet(damaged, null, new TextEncoder().encode('{'));
  await bindings.forget(MCP);
  expect(await bindings.issuer(MCP, 'mine')).toBeUndefined();
  expect(await bindings.issuer(MCP, 'another')).toBeUndefined();
  expect(await bindings.issuer(OTHER, 'mine')).toBe(ONE);
  expect(await store.get(damaged)).toBeNull();
  expect(await repository.get('registration-x')).not.toBeNull();
});

test('discarding a registration leaves the issuers of other clients', async () => {
  const store = new MemoryTokenStore();
  const bindings = new IssuerBindings(store);
  await bindings.bind(MCP, 'mine', ONE);
  await new RegistrationRepository(store).discard(ONE);
  expect(await bindings.issuer(MCP, 'mine')).toBe(ONE);
});
