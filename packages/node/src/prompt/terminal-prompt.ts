import { BrowserError, type RedirectPrompt, type RedirectPromptRequest } from '@mcp-oauth/core';
import { assertBrowsable } from '../browser/browsable-url.js';
import { runsInCi } from '../process/ci.js';
import { printable, printableServer } from './printable.js';
import { type Question, readHiddenLine } from './read-hidden-line.js';
import { hasTerminal, openTerminal } from './terminal.js';

/**
 * Asks at the terminal for the address that a browser on another machine ended on.
 *
 * Talks to the terminal itself, or to stdin and stderr where both are one: never to stdout, and never to a stdin that
 * is piped, since a host may speak MCP on both. One question at a time. Ctrl-C rejects with an `AbortError` and leaves
 * the rest to the application.
 *
 * Not for a program that another one with a full-screen terminal started: both would read the same keys.
 */
export class TerminalPrompt implements RedirectPrompt {
  #last: Promise<unknown> = Promise.resolve();

  isAvailable(): boolean {
    return !runsInCi(process.env) && hasTerminal();
  }

  async ask(request: RedirectPromptRequest): Promise<string> {
    const { signal } = request;
    signal.throwIfAborted();
    assertBrowsable(request.authorizationUrl);
    const before = this.#last;
    const turn = unlessAborted(before, signal).then(() => askNow(request));
    this.#last = Promise.allSettled([before, turn]);
    return await turn;
  }
}

async function askNow(request: RedirectPromptRequest): Promise<string> {
  const { expiresAt, rejected } = request;
  // Another question may have stood there for long. Whoever was asked before may be logged in by now.
  if (rejected === undefined && expiresAt && expiresAt.getTime() <= Date.now())
    throw new BrowserError(
      'The address of the login was not good any more when it was its turn at the terminal. Log in again.',
    );
  const terminal = openTerminal();
  if (terminal === undefined)
    throw new BrowserError('There is no terminal to ask for the redirect address at.');
  try {
    return await readHiddenLine(terminal, questionFor(request), request.signal);
  } finally {
    terminal.close();
  }
}

function questionFor({ authorizationUrl, expiresAt, resource, rejected }: RedirectPromptRequest): Question {
  const label = 'Address: ';
  const leftSeconds = expiresAt && Math.floor((expiresAt.getTime() - Date.now()) / 1_000);
  if (rejected !== undefined) {
    const isOver = leftSeconds !== undefined && leftSeconds <= 0;
    const again = isOver
      ? `. To begin again, press Ctrl-C and
log in once more: the address that was shown is not good any more.`
      : `, or begin again at:

${authorizationUrl.href}`;
    return {
      label,
      introduction: `
That was not accepted: ${printable(rejected, 300)}
Paste the whole address that the browser ended on${again}

`,
    };
  }
  return {
    label,
    introduction: `
Log in to ${printableServer(resource)}

1. Open this address in a browser, on any computer${soon(leftSeconds)}:

${authorizationUrl.href}

2. Log in there. The browser then goes to ${endOf(authorizationUrl)}
   It may say that it can't reach that page: this is as it should be.
3. Copy the whole address of that page from the address bar, and paste it here.
   Paste it nowhere but in this terminal.

`,
  };
}

function soon(leftSeconds: number | undefined): string {
  if (leftSeconds === undefined) return '';
  return `, within ${leftSeconds < 120 ? `${String(leftSeconds)} seconds` : `${String(Math.floor(leftSeconds / 60))} minutes`}`;
}

/** The redirect address as the person will see it begin. */
function endOf(authorizationUrl: URL): string {
  const redirectUri = authorizationUrl.searchParams.get('redirect_uri');
  return redirectUri === null ? 'a page of this computer.' : `${printable(redirectUri, 100)}?...`;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { signal: settled.signal });
  });
  return Promise.race([work, aborted]).finally(() => {
    settled.abort();
  });
}
