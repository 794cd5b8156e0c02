import { expect } from '@jest/globals';
import { startMcpServer, startStrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { FamilyReport, RunningMcpServer, StrictAuthorizationServer } from '@mcp-oauth/e2e';
import type { RedisClient } from '@mcp-oauth/storage-redis';
import { Host } from './host.js';

/** Longer than any test, by the clock of the server that gives tokens out. */
const LIFETIME_SECONDS = 3_600;

/** The same in every replica, so that each finds the records of all by itself. */
export const secret = 'the secret of all replicas of a host';

/** A strict authorization server, an MCP server that it guards, and any number of replicas over one Redis. */
export class Scene {
  readonly server: StrictAuthorizationServer;
  readonly mcp: RunningMcpServer;
  readonly #hosts: Host[] = [];
  #aheadMs = 0;

  private constructor(server: StrictAuthorizationServer, mcp: RunningMcpServer) {
    this.server = server;
    this.mcp = mcp;
  }

  static async run(body: (scene: Scene) => Promise<void>): Promise<void> {
    const server = await startStrictAuthorizationServer({ accessTokenTtl: LIFETIME_SECONDS });
    const mcp = await startMcpServer({ authorizationServers: [server] });
    const scene = new Scene(server, mcp);
    try {
      await body(scene);
    } finally {
      for (const host of scene.#hosts) await host.close();
      await mcp.close();
      await server.close();
    }
  }

  get resource(): string {
    return this.mcp.url.href;
  }

  host(client: RedisClient & { disconnect(): void }): Host {
    const now = (): number => Date.now() + this.#aheadMs;
    const host = new Host({ client, resource: this.resource, secret, now });
    this.#hosts.push(host);
    return host;
  }

  /** From now on every token that is out has so much of its lifetime left, as all hosts see it. */
  leave(share: number): void {
    this.#aheadMs += LIFETIME_SECONDS * 1_000 * (1 - share);
  }

  /** From now on every token that is out has expired, as all hosts see it. */
  expire(): void {
    this.leave(0);
  }

  /** How often the token endpoint was asked since the last `server.clearLog()`. */
  get tokenRequests(): number {
    return this.server.counts().token;
  }

  /** The one login that there was is alive, and each of its refresh tokens but the last was used once. */
  expectOneLiving(generation: number): FamilyReport {
    const [family, ...others] = this.server.families();
    expect(others).toEqual([]);
    expect(family).toMatchObject({ generation, revoked: undefined });
    expect(family?.refreshes.map(({ generation: used, outcome }) => [used, outcome])).toEqual(
      Array.from({ length: generation - 1 }, (_, index) => [index + 1, 'rotated']),
    );
    return family!;
  }

  /** No browser was opened, and no host was told that a person has to log in. */
  expectNobodyAsked(): void {
    expect(this.#hosts.map(({ opened }) => opened)).toEqual(this.#hosts.map(() => 0));
    expect(this.#hosts.flatMap((host) => host.told('authorization_required'))).toEqual([]);
  }
}
