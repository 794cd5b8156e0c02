import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { measured } from './support/measurements.js';
import { runOwnersTrial } from './support/owners/trial.js';
import { inRun } from './support/run-length.js';

const OWNERS = inRun({ short: 1_000, long: 100_000 });
const REQUESTS = inRun({ short: 10_000, long: 1_000_000 });
const REPLICAS = 2;
const deadlineMs = inRun({ short: 60_000, long: 40 * 60_000 });

test(
  'of many owners at three servers over two replicas, nobody ever gets the token of another one',
  async () => {
    const seed = randomInt(2 ** 31);
    const { replicas, servers } = await runOwnersTrial({
      owners: OWNERS,
      requests: REQUESTS,
      replicas: REPLICAS,
      hostile: inRun({ short: 0.2, long: 0.1 }),
      mistake: 'none',
      seed,
      deadlineMs,
    });
    measured('Many owners, three servers, random requests over two replicas on one Redis', {
      seed,
      owners: OWNERS,
      requests: servers.requests,
      logins: servers.logins,
      refreshes: servers.refreshes,
      'step-ups': servers.stepUps,
      revocations: servers.revocations,
      'same owner at both': servers.atOnce,
      overtaken: replicas.overtaken,
      'wrong identities': replicas.wrongIdentities,
      'wrong servers': replicas.wrongServers,
      failures: replicas.failed,
      'requests/s': Math.round(servers.requests / replicas.seconds),
      'MB each': Math.round(replicas.rssMb),
    });
    expect({ seed, failures: replicas.failures }).toEqual({ seed, failures: [] });
    const mixed = {
      wrongIdentities: replicas.wrongIdentities,
      wrongServers: replicas.wrongServers,
      foreignSessions: replicas.foreignSessions,
    };
    expect({ seed, ...mixed }).toEqual({ seed, wrongIdentities: 0, wrongServers: 0, foreignSessions: 0 });
    // A rotating refresh token was never sent twice, although owners were served by both replicas.
    expect({ seed, reused: servers.reused }).toEqual({ seed, reused: 0 });
    expect(replicas.answers).toBe(servers.requests);
    expect(servers.requests).toBeGreaterThan(REQUESTS * 0.95);
    for (const seen of ['logins', 'refreshes', 'revocations', 'stepUps', 'atOnce'] as const)
      expect([seen, servers[seen]]).not.toEqual([seen, 0]);
    expect(replicas.overtaken).toBeLessThan(REQUESTS * 0.02);
  },
  deadlineMs + 10_000,
);

test.each(['joins tenant and user', 'folds case', 'drops the profile'])(
  'a host that %s is found out',
  async (mistake) => {
    const seed = randomInt(2 ** 31);
    const trial = { owners: 1, requests: 1_000, replicas: REPLICAS, hostile: 1, seed, deadlineMs, mistake };
    const { replicas } = await runOwnersTrial(trial);
    expect(replicas.wrongIdentities).toBeGreaterThan(0);
  },
  deadlineMs,
);
