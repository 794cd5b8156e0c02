export type { ContractCase, ProcessHarness, SharedHarness, StoreHarness, WorkerModule } from './harness.js';
