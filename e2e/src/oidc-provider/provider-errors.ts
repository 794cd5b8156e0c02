import type { EventEmitter } from 'node:events';
import { nowMs } from '../http/clock.js';
import type { ProviderError } from './running-provider.js';

const errorEvents = [
  'authorization.error',
  'discovery.error',
  'grant.error',
  'introspection.error',
  'jwks.error',
  'pushed_authorization_request.error',
  'registration_create.error',
  'registration_read.error',
  'revocation.error',
  'server_error',
  // Koa prints what nobody listens for.
  'error',
];

/** The list that grows with every error from now on. */
export function collectErrors(provider: EventEmitter): readonly ProviderError[] {
  const collected: ProviderError[] = [];
  for (const event of errorEvents) {
    provider.on(event, (...args: unknown[]) =>
      collected.push(providerError(event, args.at(event === 'error' ? 0 : 1))),
    );
  }
  return collected;
}

function providerError(event: string, error: unknown): ProviderError {
  const { error: code, error_description, error_detail, message } = error as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    at: nowMs(),
    event,
    error: text(code) ?? text(message) ?? 'unknown',
    description: text(error_description),
    detail: text(error_detail),
  };
}
