import { expect, test } from '@jest/globals';
import type { HealthCheckId, HealthStatus } from '@mcp-oauth/core';
import { finding, RESOURCE_METADATA, resourceMetadata, SERVER_METADATA, serverMetadata } from './scene.js';
import type { Scene } from './scene.js';

export const html = () => new Response('<h1>Hotel Wi-Fi</h1>', { headers: { 'content-type': 'text/html' } });
export const cut = () => Promise.reject(new TypeError('fetch failed'));
export const at = (url: string, answer: Response | (() => Response | Promise<Response>)): Scene => ({
  answers: { [url]: answer },
});
export const server = (more: object): Scene => at(SERVER_METADATA, serverMetadata(more));
export const resource = (more: object): Scene => at(RESOURCE_METADATA, resourceMetadata(more));

export type Row = readonly [
  what: string,
  scene: Scene,
  check: HealthCheckId,
  status: HealthStatus,
  says: RegExp,
];

/** One test for each row: what is found, and a remedy exactly where there is something to mend. */
export function testRows(rows: readonly Row[]): void {
  test.each(rows.map(([what, scene, check, status, says]) => [what, check, status, scene, says] as const))(
    '%s: %s is %s',
    async (_, check, status, scene, says) => {
      const found = await finding(check, scene);
      expect(found).toMatchObject({ check, status });
      expect(found.message).toMatch(says);
      expect(found.remedy !== undefined).toBe(status === 'warning' || status === 'problem');
    },
  );
}
