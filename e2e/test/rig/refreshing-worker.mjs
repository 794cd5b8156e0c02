import { runWorker } from '@mcp-oauth/e2e/worker';

runWorker(async ({ tokenEndpoint, form }) => {
  const response = await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) });
  return response.status;
});
