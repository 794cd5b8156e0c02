import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

/** The first text of what a tool answered. */
export function textOf({ content }: Awaited<ReturnType<Client['callTool']>>): string {
  const [first] = Array.isArray(content) ? (content as { type: string; text?: string }[]) : [];
  return first?.type === 'text' ? (first.text ?? '') : '';
}
