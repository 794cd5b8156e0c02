import type Provider from 'oidc-provider';
import { nowMs } from '../http/clock.js';
import type { TokenRequest } from '../story/token-requests.js';

/** The list that grows with every answered token request from now on. Refresh tokens go by names. */
export function collectTokenRequests(provider: Provider): readonly TokenRequest[] {
  const collected: TokenRequest[] = [];
  const names = new Map<unknown, string>();
  provider.use(async (ctx, next) => {
    const at = nowMs();
    await next();
    if (ctx.path !== '/token') return;
    const { oidc } = ctx as { oidc?: { params?: Record<string, unknown> } };
    const { grant_type, refresh_token } = oidc?.params ?? {};
    const given = (ctx.body as { refresh_token?: string } | undefined)?.refresh_token;
    if (given !== undefined && !names.has(given)) names.set(given, `refresh-${String(names.size + 1)}`);
    collected.push({
      at,
      grantType: typeof grant_type === 'string' ? grant_type : undefined,
      presented: names.get(refresh_token),
      issued: given === undefined ? [] : [names.get(given) ?? ''],
    });
  });
  return collected;
}
