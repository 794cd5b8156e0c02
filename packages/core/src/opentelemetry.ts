import { metrics } from '@opentelemetry/api';
import type { Attributes, Meter } from '@opentelemetry/api';
import type { OAuthClientEvent, OnEvent } from './events.js';

/**
 * Counts what a client tells by its events, for `createOAuthClient({ onEvent: openTelemetryEvents() })`.
 *
 * | instrument | attributes |
 * | --- | --- |
 * | `mcp_oauth.authorizations` | `outcome` begun, completed, refused · `error.type` · `reason` |
 * | `mcp_oauth.authorizations.required` | `reason` |
 * | `mcp_oauth.step_ups` | |
 * | `mcp_oauth.registrations` | |
 * | `mcp_oauth.refreshes` | `outcome` renewed, joined, failed · `error.type` |
 * | `mcp_oauth.refresh.duration` (histogram, seconds) | |
 * | `mcp_oauth.revocations` | `refresh_token`, `access_token`: what the server did with each |
 * | `mcp_oauth.store.failures` | `error.type` |
 * | `mcp_oauth.store.unsaved` | `error.type`: renewed tokens that exist in memory only |
 * | `mcp_oauth.store.recoveries` | those of them that were stored later |
 *
 * Attributes have few values: neither owners nor servers, of which there is no end.
 *
 * @param meter Default: one of the global provider, which has to be set before this is called.
 */
export function openTelemetryEvents(meter: Meter = metrics.getMeter('@mcp-oauth/core')): OnEvent {
  const counter = (name: string, description: string): ((attributes?: Attributes) => void) => {
    const instrument = meter.createCounter(`mcp_oauth.${name}`, { description });
    return (attributes) => {
      instrument.add(1, attributes);
    };
  };
  const authorizations = counter('authorizations', 'Logins, by how far they came.');
  const required = counter('authorizations.required', 'Sessions that need a person to log in again.');
  const stepUps = counter('step_ups', 'Calls that the token has too few scopes for.');
  const registrations = counter('registrations', 'Dynamic client registrations.');
  const refreshes = counter('refreshes', 'Renewals of tokens.');
  const revocations = counter('revocations', 'Logins that a person ended.');
  const failures = counter('store.failures', 'Calls of the token store that failed.');
  const unsaved = counter('store.unsaved', 'Renewed tokens that could not be stored at once.');
  const recoveries = counter('store.recoveries', 'Renewed tokens that were stored late.');
  const duration = meter.createHistogram('mcp_oauth.refresh.duration', {
    description: 'How long a renewal takes, from its request to its place in the store.',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
  });
  return (event) => {
    switch (event.type) {
      case 'authorization_begun':
        authorizations({ outcome: 'begun' });
        break;
      case 'authorization_completed':
        authorizations({ outcome: 'completed' });
        break;
      case 'authorization_refused':
        authorizations({ outcome: 'refused', ...refusal(event) });
        break;
      case 'authorization_required':
        required({ reason: event.reason });
        break;
      case 'step_up':
        stepUps();
        break;
      case 'client_registered':
        registrations();
        break;
      case 'refreshed':
        refreshes({ outcome: 'renewed' });
        duration.record(event.durationMs / 1_000);
        break;
      case 'refresh_joined':
        refreshes({ outcome: 'joined' });
        break;
      case 'refresh_failed':
        refreshes({ outcome: 'failed', 'error.type': event.code });
        break;
      case 'revoked':
        revocations({ refresh_token: event.refresh_token, access_token: event.access_token });
        break;
      case 'store_trouble':
        (event.unsaved ? unsaved : failures)({ 'error.type': event.kind });
        break;
      case 'store_recovered':
        recoveries();
        break;
    }
  };
}

function refusal({ code, reason }: Extract<OAuthClientEvent, { type: 'authorization_refused' }>): Attributes {
  return { 'error.type': code, ...(reason === undefined ? {} : { reason }) };
}
