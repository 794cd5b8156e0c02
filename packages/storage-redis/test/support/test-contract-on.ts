import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { refreshContract, storeContract } from '@mcp-oauth/store-contract';
import type { SharedHarness } from '@mcp-oauth/store-contract';
import { deploy } from './deployments.js';
import type { Deployment, DeploymentName } from './deployments.js';

/**
 * Makes a test of every case of the contract. Called once in a file, so that deployments are tested side by side.
 *
 * @param over What is tested, over the store of the deployment. Default: that store itself.
 */
export function testContractOn(
  name: DeploymentName,
  over: (harness: SharedHarness) => SharedHarness = (harness) => harness,
): void {
  describe(`the contract of a store and of refreshes over it, on ${name}`, () => {
    let deployment: Deployment | undefined;
    beforeAll(async () => {
      deployment = await deploy(name);
    }, 30_000);
    afterAll(() => deployment?.close());

    // Which cases there are is known before there is a deployment to run them on.
    const here = (): SharedHarness => {
      if (!deployment) throw new Error('nothing is deployed');
      return over(deployment.harness);
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
