import { stdout } from 'node:process';
import { AuthorizationRequiredError } from '@mcp-oauth/core';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { readConfiguration } from './configuration-file.js';
import { createMcpHost } from './mcp-host.js';
import type { SecondProcessReport } from './second-process-report.js';
import { textOf } from './tool-answer.js';

/** A host of its own on the same token directory. It has no browser, so it can't log in. */
async function callTool(storeDirectory: string, configurationPath: string): Promise<SecondProcessReport> {
  let refreshes = 0;
  const host = await createMcpHost({
    storeDirectory,
    onEvent: ({ type }) => {
      if (type === 'refreshed') refreshes += 1;
    },
  });
  const client = new Client({ name: 'second-process', version: '0.1.0' });
  const { pid } = process;
  try {
    await client.connect(host.transports.create(await readConfiguration(configurationPath)));
    const answer = textOf(await client.callTool({ name: 'whoami', arguments: {} }));
    return { pid, answer, refreshes };
  } catch (error) {
    if (error instanceof AuthorizationRequiredError) return { pid, refused: error.reason };
    throw error;
  } finally {
    await client.close();
    await host.close();
  }
}

const [storeDirectory = '', configurationPath = ''] = process.argv.slice(2);
stdout.write(`${JSON.stringify(await callTool(storeDirectory, configurationPath))}\n`);
