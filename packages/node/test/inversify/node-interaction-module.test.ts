import { expect, test } from '@jest/globals';
import {
  browserIdentifier,
  callbackListenerIdentifier,
  devicePromptIdentifier,
  processIdentityIdentifier,
  redirectPromptIdentifier,
} from '@mcp-oauth/core/inversify';
import {
  LoopbackCallbackListener,
  NodeProcessIdentity,
  SystemBrowser,
  TerminalDevicePrompt,
  TerminalPrompt,
} from '@mcp-oauth/node';
import { nodeInteractionModule } from '@mcp-oauth/node/inversify';
import { Container } from 'inversify';

test('the ports of a person at this machine are bound, one of each for the container', () => {
  const container = new Container();
  container.load(nodeInteractionModule());
  const ports = () => [
    container.get(browserIdentifier),
    container.get(callbackListenerIdentifier),
    container.get(redirectPromptIdentifier),
    container.get(devicePromptIdentifier),
    container.get(processIdentityIdentifier),
  ];
  const first = ports();
  const classes = [
    SystemBrowser,
    LoopbackCallbackListener,
    TerminalPrompt,
    TerminalDevicePrompt,
    NodeProcessIdentity,
  ];
  expect(first.map(({ constructor }) => constructor)).toEqual(classes);
  ports().forEach((port, index) => {
    expect(port).toBe(first[index]);
  });
});
