export { refreshContract } from './refresh-contract/refresh-contract.js';
export { storeContract } from './store-contract.js';
export { ContractViolation } from './violation.js';
export type { ContractCase, ProcessHarness, SharedHarness, StoreHarness, WorkerModule } from './harness.js';
