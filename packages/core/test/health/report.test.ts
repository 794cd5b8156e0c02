import { expect, test } from '@jest/globals';
import { healthChecks } from '@mcp-oauth/core';
import type { HealthStatus } from '@mcp-oauth/core';
import { cut } from './rows.js';
import { look, MCP, RESOURCE_METADATA, SERVER_METADATA } from './scene.js';

test('a healthy server has every finding once, in order, and none to mend but the login', async () => {
  const { report } = await look();
  expect(report).toMatchObject({ resource: MCP, profile: 'default', status: 'warning' });
  expect(report.findings.map(({ check }) => check)).toEqual(healthChecks);
  expect(report.findings.filter(({ remedy }) => remedy !== undefined)).toMatchObject([{ check: 'login' }]);
});

test('what is broken hides nothing that can be known without it', async () => {
  const { report } = await look({ answers: { [MCP]: cut, [SERVER_METADATA]: cut } });
  expect(report.status).toBe('problem');
  const of = (status: HealthStatus) =>
    report.findings.filter((one) => one.status === status).map(({ check }) => check);
  expect(of('problem')).toEqual(['resource', 'authorization_server', 'server_metadata']);
  expect(of('ok')).toEqual(['store', 'login', 'resource_metadata']);
});

test('nothing is asked twice, and no server hears more than a ping without a token', async () => {
  const { servers } = await look();
  expect(servers.sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `POST ${MCP}`,
    `GET ${RESOURCE_METADATA}`,
    `GET ${SERVER_METADATA}`,
  ]);
  expect(servers.sent.every(({ headers }) => !headers.has('authorization'))).toBe(true);
});
