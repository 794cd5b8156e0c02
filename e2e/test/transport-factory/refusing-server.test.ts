import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OAuthClientError } from '@mcp-oauth/core';
import type { StrictBehaviour } from '@mcp-oauth/e2e';
import { startRig, whoami } from './rig.js';
import type { Host, HttpType, Rig } from './rig.js';
import { sdksInEveryMode } from './sdks.js';

const renewals: readonly (readonly [string, Partial<StrictBehaviour>])[] = [
  ['renews', {}],
  ['refuses to renew', { refreshTokenTtl: 0 }],
  ['gives nothing to renew with', { tokenResponse: ({ refresh_token: _, ...response }) => response }],
];
const types: readonly HttpType[] = ['http', 'sse'];

describe.each(sdksInEveryMode)('$name', (sdk) => {
  describe.each(renewals)('where the authorization server %s', (_, behaviour) => {
    let rig: Rig;

    beforeEach(async () => {
      rig = await startRig(sdk, behaviour);
    });

    afterEach(async () => {
      await rig.close();
    });

    /** What a host is told that connects for ever, and logs the person in whenever that is what it is told. */
    async function insisted({ connect, oauth }: Host, type: HttpType): Promise<readonly string[]> {
      const told: string[] = [];
      const session = oauth.session({ resource: rig.config(type).url });
      for (let turns = 0; turns < 8; turns++) {
        try {
          await whoami(await connect(type));
          told.push('connected');
        } catch (error) {
          if (!(error instanceof OAuthClientError)) throw error;
          told.push(error.code);
          if (error.code === 'authorization_required') await session.authorize();
        }
      }
      return told;
    }

    test.each(types)(
      'A38: of a server that refuses every token the person sees two pages, whatever the host does, over %s',
      async (type) => {
        rig.mcp.behaviour.refuse = 'everything';
        const told = await insisted(rig.host(), type);
        expect(told.at(-1)).toBe('transient');
        expect(rig.browser.opened).toHaveLength(2);
      },
    );

    test.each(types)(
      'a server that forgets all tokens once in a while is logged in to each time, over %s',
      async (type) => {
        const host = rig.host();
        for (let restarts = 0; restarts < 3; restarts++) {
          rig.mcp.revokeAllTokens();
          expect((await insisted(host, type)).at(-1)).toBe('connected');
        }
      },
    );
  });
});
