import { expect, test } from '@jest/globals';
import type { OAuthClientEvent } from '@mcp-oauth/core';
import { openTelemetryEvents } from '@mcp-oauth/core/opentelemetry';
import { AggregationTemporality, DataPointType, InMemoryMetricExporter } from '@opentelemetry/sdk-metrics';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

/** What an operator's backend receives of these events: each series as one line, with its count. */
async function exported(events: readonly OAuthClientEvent[]): Promise<Readonly<Record<string, number>>> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  const listener = openTelemetryEvents(provider.getMeter('test'));
  for (const event of events) listener(event);
  await reader.forceFlush();
  const metrics = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
  await provider.shutdown();
  return Object.fromEntries(
    metrics.flatMap((metric) => {
      const { name } = metric.descriptor;
      return metric.dataPointType === DataPointType.HISTOGRAM
        ? metric.dataPoints.map(({ value }) => [`${name} sum`, value.sum ?? 0])
        : metric.dataPoints.map(({ attributes, value }) => [
            `${name} ${JSON.stringify(attributes)}`,
            value as number,
          ]);
    }),
  );
}

const subject = {
  owner: 'owner-canary',
  resource: 'https://mcp.example/resource-canary',
  profile: 'default',
};
const issuer = 'https://as.example/issuer-canary';

/** One of each type: a new one that is missing here does not compile. */
const oneOfEach: { readonly [Type in OAuthClientEvent['type']]: Extract<OAuthClientEvent, { type: Type }> } =
  {
    authorization_begun: { ...subject, type: 'authorization_begun', issuer },
    authorization_completed: { ...subject, type: 'authorization_completed', issuer },
    authorization_refused: {
      ...subject,
      type: 'authorization_refused',
      code: 'callback_rejected',
      reason: 'state_mismatch',
    },
    authorization_required: { ...subject, type: 'authorization_required', reason: 'expired' },
    step_up: { ...subject, type: 'step_up', scope: 'scope-canary' },
    client_registered: { type: 'client_registered', issuer },
    refreshed: { ...subject, type: 'refreshed', generation: 2, durationMs: 250 },
    refresh_joined: { ...subject, type: 'refresh_joined', generation: 2 },
    refresh_failed: { ...subject, type: 'refresh_failed', code: 'transient' },
    revoked: { ...subject, type: 'revoked', refresh_token: 'revoked', access_token: 'unsupported' },
    store_trouble: { type: 'store_trouble', kind: 'unavailable', unsaved: false },
    store_recovered: { ...subject, type: 'store_recovered' },
  };

test('every event is counted, and neither owner nor server nor scope becomes an attribute', async () => {
  const unsaved = { ...oneOfEach.store_trouble, kind: 'full', unsaved: true } as const;
  const series = await exported([...Object.values(oneOfEach), oneOfEach.refreshed, unsaved]);
  expect(series).toEqual({
    'mcp_oauth.authorizations {"outcome":"begun"}': 1,
    'mcp_oauth.authorizations {"outcome":"completed"}': 1,
    'mcp_oauth.authorizations {"outcome":"refused","error.type":"callback_rejected","reason":"state_mismatch"}': 1,
    'mcp_oauth.authorizations.required {"reason":"expired"}': 1,
    'mcp_oauth.step_ups {}': 1,
    'mcp_oauth.registrations {}': 1,
    'mcp_oauth.refreshes {"outcome":"renewed"}': 2,
    'mcp_oauth.refreshes {"outcome":"joined"}': 1,
    'mcp_oauth.refreshes {"outcome":"failed","error.type":"transient"}': 1,
    'mcp_oauth.refresh.duration sum': 0.5,
    'mcp_oauth.revocations {"refresh_token":"revoked","access_token":"unsupported"}': 1,
    'mcp_oauth.store.failures {"error.type":"unavailable"}': 1,
    'mcp_oauth.store.unsaved {"error.type":"full"}': 1,
    'mcp_oauth.store.recoveries {}': 1,
  });
  expect(JSON.stringify(series)).not.toContain('canary');
});

test('without a meter provider it counts nothing, and harms nobody', () => {
  const listener = openTelemetryEvents();
  for (const event of Object.values(oneOfEach)) listener(event);
});
