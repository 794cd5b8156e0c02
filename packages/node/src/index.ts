export { SystemBrowser } from './browser/system-browser.js';
export { LoopbackCallbackListener } from './callback/loopback-callback-listener.js';
export { TerminalDevicePrompt } from './device-prompt/terminal-device-prompt.js';
export { type GuardedFetch, guardedFetch } from './guarded-fetch/guarded-fetch.js';
export type { GuardedFetchOptions, Lookup } from './guarded-fetch/guarded-fetch-options.js';
export { NodeProcessIdentity } from './process/node-process-identity.js';
export { TerminalPrompt } from './prompt/terminal-prompt.js';
