import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { deploy } from '../../../../packages/storage-redis/test/support/deployments.js';
import type {
  Deployment,
  DeploymentName,
} from '../../../../packages/storage-redis/test/support/deployments.js';
import { encryptedHarness } from './encrypted-harness.js';

/** Makes a test of every case of both contracts. Called once in a file, so that deployments are tested side by side. */
export function testContractsEncryptedOn(name: DeploymentName): void {
  describe(`both contracts, encrypted on ${name}`, () => {
    let deployment: Deployment | undefined;
    beforeAll(async () => {
      deployment = await deploy(name);
    }, 30_000);
    afterAll(() => deployment?.close());

    // Which cases there are is known before there is a deployment to run them on.
    const here = (): SharedHarness => {
      if (!deployment) throw new Error('nothing is deployed');
      return encryptedHarness(deployment.harness, 'redis-worker');
    };
    const harness: SharedHarness = {
      scope: 'shared',
      open: () => here().open(),
      get worker() {
        return here().worker;
      },
      fail: (on) => here().fail(on),
      restart: () => here().restart(),
    };
    for (const { name: promise, timeoutMs, run } of [...storeContract(harness), ...refreshContract(harness)])
      test(promise, run, timeoutMs);
  });
}
