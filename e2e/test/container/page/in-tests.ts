import { MemoryTokenStore } from '@mcp-oauth/core';
import type { Browser } from '@mcp-oauth/core';
import { browserIdentifier, tokenStoreIdentifier } from '@mcp-oauth/core/inversify';
import type { Container } from 'inversify';

export function inTests(container: Container, browser: Browser): Container {
  container.rebind(tokenStoreIdentifier).toConstantValue(new MemoryTokenStore());
  container.rebind(browserIdentifier).toConstantValue(browser);
  return container;
}
