import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CommandError } from './command-error.js';

/**
 * The texts of what a tool answered.
 *
 * @throws {CommandError} where it says that it failed.
 */
export function answerOf({ content, isError }: Awaited<ReturnType<Client['callTool']>>): string {
  const parts = Array.isArray(content) ? (content as { type: string; text?: string }[]) : [];
  const text = parts.map((part) => (part.type === 'text' ? (part.text ?? '') : `(${part.type})`)).join(' ');
  if (isError === true) throw new CommandError(`The tool failed: ${text}`);
  return text;
}
