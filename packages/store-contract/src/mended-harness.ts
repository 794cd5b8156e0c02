import type { TokenStore } from '@mcp-oauth/core';
import type { SharedHarness, WorkerModule } from './harness.js';

/** A harness for one case, after which the storage is in reach again, wherever the case was given up. */
export class MendedHarness implements SharedHarness {
  readonly scope = 'shared';
  readonly #harness: SharedHarness;
  #isCut = false;
  #isOver = false;

  constructor(harness: SharedHarness) {
    this.#harness = harness;
  }

  get worker(): WorkerModule {
    return this.#harness.worker;
  }

  open(): Promise<TokenStore> {
    return this.#harness.open();
  }

  restart(): Promise<void> {
    return this.#harness.restart();
  }

  async fail(on: boolean): Promise<void> {
    // What is still running of a case that was given up must not cut the next one.
    if (this.#isOver) return;
    this.#isCut = on;
    await this.#harness.fail(on);
  }

  async mend(): Promise<void> {
    this.#isOver = true;
    if (this.#isCut) await this.#harness.fail(false);
  }
}
