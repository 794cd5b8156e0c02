import { OAuthClientError } from '@mcp-oauth/core';
import type { AnyOAuthClientError } from '@mcp-oauth/core';

/** How a driver says to the gate how it ended, as the last line of its output. */
const PREFIX = 'ended: ';

/** A login whose response was refused. */
export class RefusedLoginError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`The login was refused (${code}).`);
    this.code = code;
  }
}

/** `completed`, or the code of the error that this library ended it with, or what else went wrong. */
export function endingOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedLoginError) return cause.code;
    if (cause instanceof OAuthClientError) return (cause as AnyOAuthClientError).code;
  }
  return error instanceof Error
    ? `${error.name}: ${error.message.split('\n', 1)[0] ?? ''}`
    : 'an unknown error';
}

export function endingLine(ending: string): string {
  return `${PREFIX}${ending}`;
}

/** What the output of a driver says last, or `undefined` where the driver was gone before it could say anything. */
export function endingIn(output: string): string | undefined {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  return line.startsWith(PREFIX) ? line.slice(PREFIX.length) : undefined;
}
