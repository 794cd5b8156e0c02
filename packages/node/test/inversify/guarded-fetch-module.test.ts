import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchIdentifier } from '@mcp-oauth/core/inversify';
import { guardedFetchModule } from '@mcp-oauth/node/inversify';
import { Container } from 'inversify';

const server = createServer((_request, response) => response.end('inside'));
let origin: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('the fetch of the container goes where it may go, and nowhere else inside', async () => {
  const container = new Container();
  container.load(guardedFetchModule({ allowedOrigins: [origin] }));
  const fetch = container.get(fetchIdentifier);
  expect(container.get(fetchIdentifier)).toBe(fetch);
  expect(await (await fetch(origin)).text()).toBe('inside');
  await expect(fetch('https://127.0.0.1/')).rejects.toMatchObject({ code: 'blocked_address' });
  await container.unbindAllAsync();
  await expect(fetch(origin)).rejects.toThrow(/closed/);
});

test('without options nothing inside is reached', async () => {
  const container = new Container();
  container.load(guardedFetchModule());
  await expect(container.get(fetchIdentifier)(origin)).rejects.toMatchObject({ code: 'blocked_address' });
});

test('options that can not be used are refused when the module is loaded', () => {
  expect(() => {
    new Container().load(guardedFetchModule({ allowedOrigins: ['http://*.internal'] }));
  }).toThrow(/allowedOrigins\[0\] must be an exact origin/);
});
