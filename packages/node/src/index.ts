export { SystemBrowser } from './browser/system-browser.js';
export { LoopbackCallbackListener } from './callback/loopback-callback-listener.js';
export { NodeProcessIdentity } from './process/node-process-identity.js';
export { TerminalPrompt } from './prompt/terminal-prompt.js';
