import {
  afterClients,
  browserIdentifier,
  callbackListenerIdentifier,
  devicePromptIdentifier,
  fetchIdentifier,
  processIdentityIdentifier,
  redirectPromptIdentifier,
} from '@mcp-oauth/core/inversify';
import { ContainerModule } from 'inversify';
import { SystemBrowser } from './browser/system-browser.js';
import { LoopbackCallbackListener } from './callback/loopback-callback-listener.js';
import { TerminalDevicePrompt } from './device-prompt/terminal-device-prompt.js';
import { guardedFetch } from './guarded-fetch/guarded-fetch.js';
import type { GuardedFetchOptions } from './guarded-fetch/guarded-fetch-options.js';
import { NodeProcessIdentity } from './process/node-process-identity.js';
import { TerminalPrompt } from './prompt/terminal-prompt.js';

/**
 * Binds what helps a person at this machine: the browser, the loopback callback listener, the prompts at the terminal,
 * and the process identity. Singletons, made when they are first asked for.
 *
 * Not for a host with `owners: 'many'`, whose people are elsewhere: it would open their pages on the server.
 */
export function nodeInteractionModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(browserIdentifier)
      .toResolvedValue(() => new SystemBrowser())
      .inSingletonScope();
    bind(callbackListenerIdentifier)
      .toResolvedValue(() => new LoopbackCallbackListener())
      .inSingletonScope();
    bind(redirectPromptIdentifier)
      .toResolvedValue(() => new TerminalPrompt())
      .inSingletonScope();
    bind(devicePromptIdentifier)
      .toResolvedValue(() => new TerminalDevicePrompt())
      .inSingletonScope();
    bind(processIdentityIdentifier)
      .toResolvedValue(() => new NodeProcessIdentity())
      .inSingletonScope();
  });
}

/**
 * Binds `fetchIdentifier` to `guardedFetch(options)`: for a host with `owners: 'many'`, whose people name the servers.
 * Singleton; unbinding it closes its connections, after the clients.
 *
 * @throws {InvalidConfigError} when it is loaded, for options that can't be used.
 */
export function guardedFetchModule(options: GuardedFetchOptions = {}): ContainerModule {
  return new ContainerModule((container) => {
    const fetch = guardedFetch(options);
    container
      .bind(fetchIdentifier)
      .toResolvedValue(() => fetch)
      .inSingletonScope()
      .onDeactivation(afterClients(container, () => fetch.close()));
  });
}
