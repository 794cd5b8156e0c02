import { stdout } from 'node:process';
import type { OAuthClientEvent } from '@mcp-oauth/core';
import { injectable } from 'inversify';
import { printable } from './printable.js';

/** What the person sees: one line for each thing that happened, and none of them holds a secret. */
@injectable()
export class ActivityLog {
  #logins = 0;

  /** How many logins the person has completed in this window. */
  get logins(): number {
    return this.#logins;
  }

  /** A command is done. */
  done(text: string): void {
    this.#line(`✓ ${text}`);
  }

  /** A command could not be done. */
  failed(text: string): void {
    this.#line(`✗ ${text}`);
  }

  note(text: string): void {
    this.#line(`  ${text}`);
  }

  event(event: OAuthClientEvent): void {
    if (event.type === 'authorization_completed') this.#logins += 1;
    const text = described(event);
    if (text !== undefined) this.note(text);
  }

  #line(text: string): void {
    stdout.write(`${printable(text)}\n`);
  }
}

function described(event: OAuthClientEvent): string | undefined {
  switch (event.type) {
    case 'client_registered':
      return `registered this application at ${event.issuer}`;
    case 'authorization_begun':
      return `asks the person to log in at ${event.issuer}`;
    case 'authorization_completed':
      return 'the person has logged in';
    case 'authorization_required':
      return `a login is needed (${event.reason})`;
    case 'step_up':
      return `the server asks for more: ${event.scope}`;
    case 'refreshed':
      return `renewed the access token (token set ${event.generation})`;
    case 'refresh_joined':
      return `took over what another window has renewed (token set ${event.generation})`;
    case 'refresh_failed':
      return `could not renew the access token (${event.code}); the login is kept`;
    case 'store_trouble':
      return `the database of tokens has trouble (${event.kind})`;
    case 'store_recovered':
      return 'the database of tokens works again';
    // What the person asked for is told by the command.
    case 'authorization_refused':
    case 'revoked':
      return undefined;
  }
}
