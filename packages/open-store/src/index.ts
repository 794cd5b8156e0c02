export { openTokenStore } from './open-token-store.js';
export type { OpenTokenStoreOptions } from './open-token-store.js';
