import { writeFile } from 'node:fs/promises';
import { STORY_TOKEN_SECONDS } from '@mcp-oauth/e2e';
import { configurationText, readConfiguration } from '../configuration-file.js';
import type { Stage } from '../stage.js';

export async function setting(stage: Stage): Promise<void> {
  const { narrator, authorizationServer, mcpServer, configurationPath } = stage;
  narrator.chapter('Two servers, and a configuration file');
  narrator.fact('authorization server', authorizationServer.tokens.issuer);
  narrator.remark(`${authorizationServer.description}; access tokens live ${STORY_TOKEN_SECONDS} s`);
  narrator.fact('MCP server', mcpServer.url.href);
  narrator.remark('answers nobody without a token of that authorization server');
  narrator.fact('configuration', configurationPath);
  const text = configurationText(mcpServer.url);
  await writeFile(configurationPath, text);
  for (const line of text.trimEnd().split('\n')) narrator.remark(line);
  const { url } = await readConfiguration(configurationPath);
  narrator.claim('parseMcpServers() reads it', url, mcpServer.url.href);
}
