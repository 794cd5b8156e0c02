import { expect, test } from '@jest/globals';
import { expectNoLeaks, person } from '@mcp-oauth/e2e';
import { desktop, ScriptedPrompt } from './desktop-host.js';
import { altered, refusal } from './web-host.js';

const headless = { open: () => Promise.resolve({ opened: false, reason: 'there is no display' } as const) };

test('without a browser the whole address is asked for and completes the login', () => {
  const prompt = new ScriptedPrompt(({ authorizationUrl }) => person.consent(authorizationUrl));
  return desktop(
    async ({ session, mcp, server }) => {
      await session.authorize();
      expect(prompt.asked).toMatchObject([{ resource: mcp.url.href }]);
      expect(server.counts().token).toBe(1);
      await session.accessToken();
    },
    { oauth: { browser: headless, redirectPrompt: prompt } },
  );
});

test('a wrong address, a bare code, nothing, and a forged answer are each asked for again, without repeating them', () => {
  const prompt = new ScriptedPrompt(async ({ authorizationUrl }, count) => {
    const callback = new URL(await person.consent(authorizationUrl));
    if (count === 1) return 'https://evil.example/callback?code=wrong-address-code';
    if (count === 2) return callback.searchParams.get('code') ?? '';
    if (count === 3) return '   ';
    if (count === 4) return altered(callback, 'state', 'forged-forged-forged-forged').href;
    if (count === 5) return altered(callback, 'iss', undefined).href;
    return `  ${callback.href}\n`;
  });
  return desktop(
    async ({ session, server }) => {
      await session.authorize();
      expect(prompt.asked).toHaveLength(6);
      const rejections = prompt.asked.map(({ rejected }) => rejected);
      expect(rejections[0]).toBeUndefined();
      expect(rejections[2]).toMatch(/whole address/);
      expect(rejections.slice(1).every((rejected) => typeof rejected === 'string')).toBe(true);
      const pasted = ['wrong-address-code', 'forged-forged-forged-forged'];
      expectNoLeaks({ rejections }, [...server.secrets(), ...pasted]);
      expect(server.counts().token).toBe(1);
    },
    { oauth: { browser: headless, redirectPrompt: prompt } },
  );
});

test('whoever is asked learns by when the address has to be opened, where the server keeps the request', () => {
  const prompt = new ScriptedPrompt(({ authorizationUrl }) => person.consent(authorizationUrl));
  return desktop(
    async ({ session, server }) => {
      const before = Date.now();
      await session.authorize();
      const leftMs = Number(prompt.asked[0]?.expiresAt) - before;
      expect(leftMs).toBeGreaterThanOrEqual(60_000);
      expect(leftMs).toBeLessThanOrEqual(60_000 + Date.now() - before);
      server.behaviour.pushedRequests = 'none';
      await session.revoke();
      await session.authorize();
      expect(prompt.asked[1]).not.toHaveProperty('expiresAt');
    },
    { server: { pushedRequests: 'required' }, oauth: { browser: headless, redirectPrompt: prompt } },
  );
});

test('a bare code is taken where the server does not announce iss', () => {
  const prompt = new ScriptedPrompt(async ({ authorizationUrl }) => {
    const callback = new URL(await person.consent(authorizationUrl));
    return callback.searchParams.get('code') ?? '';
  });
  return desktop(
    async ({ session, server }) => {
      await session.authorize();
      expect(prompt.asked).toHaveLength(1);
      expect(server.counts().token).toBe(1);
    },
    {
      server: { callbackIss: 'omitted', metadata: { authorization_response_iss_parameter_supported: false } },
      oauth: { browser: headless, redirectPrompt: prompt },
    },
  );
});

test('a person who pastes nonsense for ever is not asked for ever', () => {
  const prompt = new ScriptedPrompt(() => Promise.resolve('nonsense'));
  return desktop(
    async ({ session, server }) => {
      expect(await refusal(session.authorize())).toMatchObject({ code: 'callback_rejected' });
      expect(prompt.asked.length).toBeLessThanOrEqual(10);
      expect(server.counts().token).toBe(0);
    },
    { oauth: { browser: headless, redirectPrompt: prompt } },
  );
});

test('without a browser and without a terminal the error says why, and nothing waits', () =>
  desktop(
    async ({ session }) => {
      const error = await refusal(session.authorize());
      expect(error.code).toBe('browser_failed');
      expect(error.message).toContain('there is no display');
      expect(await session.status()).toMatchObject({ state: 'logged_out' });
    },
    { oauth: { browser: headless } },
  ));
