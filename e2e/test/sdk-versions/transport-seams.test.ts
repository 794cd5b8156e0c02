import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AuthorizationRequiredError, TransientError } from '@mcp-oauth/core';
import type { FetchLike } from '@mcp-oauth/core';
import { startMcpServer } from '@mcp-oauth/e2e';
import type { RunningMcpServer } from '@mcp-oauth/e2e';
import { withFakeTimeouts } from '../fake-timeouts.js';
import { supportedSdks } from './support/supported-sdks.js';
import type { SdkClient } from './support/supported-sdks.js';

/** Whatever a `fetch` of ours may reject with: it has to come to the caller as it is. */
const errors = [
  ['AuthorizationRequiredError', new AuthorizationRequiredError('https://mcp.example/', 'no_grant')],
  ['TransientError', new TransientError('The token endpoint gave 503.')],
] as const;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const methodOf = (init: RequestInit | undefined) => (init?.method ?? 'GET').toUpperCase();
const isCall = (init: RequestInit | undefined) =>
  typeof init?.body === 'string' && init.body.includes('tools/call');

let mcp: RunningMcpServer;

beforeEach(async () => {
  mcp = await startMcpServer();
});

afterEach(async () => {
  await mcp.close();
});

describe.each(supportedSdks)('SDK $version', (sdk) => {
  let client: SdkClient;

  beforeEach(() => {
    client = sdk.newClient();
  });

  afterEach(async () => {
    await client.close();
  });

  const call = () => client.callTool({ name: 'whoami', arguments: {} });

  test('every request of the streamable HTTP transport goes through the fetch that it was given', async () => {
    const sent: string[] = [];
    const transport = new sdk.Http(mcp.url, {
      fetch: (url, init) => {
        sent.push(methodOf(init));
        return fetch(url, init);
      },
    });
    await client.connect(transport);
    await call();
    await transport.terminateSession?.();
    const arrived = mcp.log().map(({ method }) => method);
    expect(sent).toEqual(expect.arrayContaining(['POST', 'GET', 'DELETE']));
    expect([...sent].sort()).toEqual([...arrived].sort());
  });

  test('every request of the SSE transport goes through the fetch that it was given', async () => {
    const sent: string[] = [];
    const fetching: FetchLike = (url, init) => {
      sent.push(methodOf(init));
      return fetch(url, init);
    };
    await client.connect(new sdk.Sse(mcp.sseUrl, { fetch: fetching }));
    await call();
    const arrived = mcp.log().map(({ method }) => method);
    expect(sent).toEqual(expect.arrayContaining(['GET', 'POST']));
    expect([...sent].sort()).toEqual([...arrived].sort());
  });

  test('no request timer runs while start() takes its time', async () => {
    const transport = new sdk.Http(mcp.url, { fetch });
    await withFakeTimeouts(async (advance) => {
      const start = transport.start.bind(transport);
      transport.start = async () => {
        await advance(1_500);
        await start();
      };
      await client.connect(transport, { timeout: 500 });
    });
    await call();
  });

  test.each(errors)('%s comes out of connect() as it was thrown by fetch', async (_name, error) => {
    const transport = new sdk.Http(mcp.url, { fetch: () => Promise.reject(error) });
    await expect(client.connect(transport)).rejects.toBe(error);
  });

  test.each(errors)(
    '%s comes out of a call as it was thrown by fetch, over both transports',
    async (_name, error) => {
      const failing: FetchLike = (url, init) => (isCall(init) ? Promise.reject(error) : fetch(url, init));
      await client.connect(new sdk.Http(mcp.url, { fetch: failing }));
      await expect(call()).rejects.toBe(error);
      const other = sdk.newClient();
      await other.connect(new sdk.Sse(mcp.sseUrl, { fetch: failing }));
      await expect(other.callTool({ name: 'whoami', arguments: {} })).rejects.toBe(error);
      await other.close();
    },
  );

  test('a 401 that is handed back on the GET stream stops it, and calls go on', async () => {
    let gets = 0;
    const fetching: FetchLike = (url, init) => {
      if (methodOf(init) !== 'GET') return fetch(url, init);
      gets++;
      return Promise.resolve(new Response(null, { status: 401 }));
    };
    await client.connect(new sdk.Http(mcp.url, { fetch: fetching }));
    await sleep(1_500);
    await call();
    expect(gets).toBe(1);
  });

  test.each([401, 503])(
    'a %i on the opening of an event stream ends start() with that code, once',
    async (status) => {
      let gets = 0;
      const fetching: FetchLike = () => {
        gets++;
        return Promise.resolve(new Response(null, { status }));
      };
      const error = await client.connect(new sdk.Sse(mcp.sseUrl, { fetch: fetching })).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(sdk.SseError);
      expect(error).toMatchObject({ code: status });
      await sleep(300);
      expect(gets).toBe(1);
    },
  );

  test('what fetch throws on the opening of an event stream is lost, which is why a status is handed back', async () => {
    const error = await client
      .connect(new sdk.Sse(mcp.sseUrl, { fetch: () => Promise.reject(errors[0][1]) }))
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(sdk.SseError);
    expect(error).toMatchObject({ code: undefined });
  });

  test('a redirect that is handed back is followed within the origin at most, by asking fetch again', async () => {
    const asked: string[] = [];
    const answering = (target: (path: string) => string | undefined): FetchLike => {
      return (url, init) => {
        asked.push(new URL(url).href);
        const location = target(new URL(url).pathname);
        if (location === undefined) return fetch(mcp.url, init);
        return Promise.resolve(new Response(null, { status: 307, headers: { location } }));
      };
    };
    const within = answering((path) => (path === '/mcp' ? '/moved' : undefined));
    const connected = await client.connect(new sdk.Http(mcp.url, { fetch: within })).then(
      () => true,
      () => false,
    );
    expect(connected).toBe(sdk.followsWithinOrigin);
    expect(asked.slice(0, 2)).toEqual(
      sdk.followsWithinOrigin ? [mcp.url.href, new URL('/moved', mcp.url).href] : [mcp.url.href],
    );
    asked.length = 0;
    const away = new sdk.Http(mcp.url, { fetch: answering(() => 'https://elsewhere.example/mcp') });
    await expect(sdk.newClient().connect(away)).rejects.toThrow();
    expect(new Set(asked)).toEqual(new Set([mcp.url.href]));
  });
});

const negotiating = supportedSdks.flatMap(({ newNegotiatingClient, ...sdk }) =>
  newNegotiatingClient ? [{ ...sdk, newClient: newNegotiatingClient }] : [],
);

describe.each(negotiating)('SDK $version with version negotiation', ({ Http, newClient }) => {
  test.each(errors)('%s comes out of connect() as it was thrown by fetch', async (_name, error) => {
    const transport = new Http(mcp.url, { fetch: () => Promise.reject(error) });
    await expect(newClient().connect(transport)).rejects.toBe(error);
  });

  test('an error without our mark would be wrapped, which is why ours have it', async () => {
    const plain = new Error('plain');
    const transport = new Http(mcp.url, { fetch: () => Promise.reject(plain) });
    const error = await newClient()
      .connect(transport)
      .catch((reason: unknown) => reason);
    expect(error).not.toBe(plain);
  });

  test('no request timer runs while start() takes its time', async () => {
    const transport = new Http(mcp.url, { fetch });
    const client = newClient();
    await withFakeTimeouts(async (advance) => {
      const start = transport.start.bind(transport);
      transport.start = async () => {
        await advance(1_500);
        await start();
      };
      await client.connect(transport, { timeout: 500 });
    });
    await client.close();
  });
});
