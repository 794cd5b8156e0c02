import { isLoopback } from '@mcp-oauth/core';

/** Why credentials must not go to this address, if so. */
export function urlProblem(url: URL): string | undefined {
  if (url.username !== '' || url.password !== '') return 'must have no credentials in it';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'must be https';
  return isLoopback(url) ? undefined : 'must be https; plain http is for this machine only';
}
