import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js';
import { html } from 'hono/html';
import type { McpServer } from '../configuration/mcp-server-list.js';
import { formToken } from '../pages/layout.js';
import type { Html } from '../pages/layout.js';
import { serverText } from '../pages/server-text.js';
import { serverPath } from '../servers/server-path.js';
import type { Visitor } from '../sign-in/web-session.js';
import { toolAnswer } from './tool-answer.js';
import { toolControl } from './tool-control.js';
import { JSON_FIELD, toolFields } from './tool-form.js';
import type { ArgumentError, FormValues, ToolField } from './tool-form.js';

export interface ToolPage {
  readonly visitor: Visitor;
  readonly server: McpServer;
  readonly tool: Tool;
  readonly values: FormValues;
  readonly result?: CallToolResult;
  readonly problem?: ArgumentError;
}

export function toolPage({ visitor, server, tool, values, result, problem }: ToolPage): Html {
  const path = `${serverPath(server)}/tools/${encodeURIComponent(tool.name)}`;
  const fields = toolFields(tool) ?? [everything];
  return html`<p class="crumb">
      <a href="/">Servers</a> <span aria-hidden="true">/</span>
      <a href="${serverPath(server)}">${server.name}</a>
    </p>
    <h1><bdi>${serverText(tool.name, 80)}</bdi></h1>
    ${tool.description ? html`<p class="lead"><bdi>${serverText(tool.description)}</bdi></p>` : ''}
    <form method="post" action="${path}" class="tool">
      ${formToken(visitor)}
      ${fields.map((field, index) =>
        toolControl(field, `field-${String(index)}`, {
          value: values[field.name] ?? '',
          problem: problem?.field === field.name ? problem.message : undefined,
        }),
      )}
      ${fields.length === 0 ? html`<p class="note">This tool takes no arguments.</p>` : ''}
      <button class="primary">Call</button>
    </form>
    ${result ? toolAnswer(result) : ''}`;
}

const everything: ToolField = {
  name: JSON_FIELD,
  argument: 'Arguments',
  description: 'A JSON object.',
  isRequired: false,
  control: 'json',
  choices: [],
};
