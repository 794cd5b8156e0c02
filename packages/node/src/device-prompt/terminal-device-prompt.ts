import { BrowserError, type DevicePrompt, type UserCode } from '@mcp-oauth/core';
import { assertBrowsable } from '../browser/browsable-url.js';
import { runsInCi } from '../process/ci.js';
import { printable, printableServer } from '../prompt/printable.js';
import { hasTerminalOutput, openTerminalOutput, type TerminalOutput } from '../prompt/terminal.js';
import { qrCodeLines } from './qr-code.js';

const usualColumns = 80;

/**
 * Shows at the terminal which code to type on another device, and where; with a QR code, where the server has an address
 * for one and the terminal room.
 *
 * Writes to the terminal itself, or to stderr where that is one: never to stdout, since a host may speak MCP there.
 */
export class TerminalDevicePrompt implements DevicePrompt {
  isAvailable(): boolean {
    return !runsInCi(process.env) && hasTerminalOutput();
  }

  /**
   * @throws {BrowserError} there is no terminal, or it was closed.
   * @throws {UnsafeUrlError} an address must not be opened, and so not be shown.
   */
  async show(code: UserCode, { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { verificationUri, verificationUriComplete } = code;
    assertBrowsable(verificationUri, 'verification_uri');
    if (verificationUriComplete) assertBrowsable(verificationUriComplete, 'verification_uri_complete');
    const terminal = openTerminalOutput();
    if (terminal === undefined) throw new BrowserError('There is no terminal to show the code at.');
    try {
      const text = await textFor(code, terminal);
      signal.throwIfAborted();
      await written(terminal, text);
    } finally {
      terminal.close();
    }
  }
}

async function textFor(code: UserCode, { output }: TerminalOutput): Promise<string> {
  const { resource, issuer, verificationUri, verificationUriComplete, userCode } = code;
  // A terminal that doesn't know its size says 0.
  const columns = output.columns > 0 ? output.columns : usualColumns;
  const screen = { columns, colourDepth: output.getColorDepth() };
  const qrCode = verificationUriComplete && (await qrCodeLines(verificationUriComplete.href, screen));
  const scanned = qrCode ? `\n${qrCode.join('\n')}\n` : '';
  // What everybody needs stands last, where it is still to be seen on a small screen.
  return `
Log in to ${printableServer(resource)}
by way of ${printableServer(issuer)}
${scanned}
${qrCode ? 'Scan this with a phone, or open' : 'Open'} this address in a browser, on any device:

${verificationUri.href}

${qrCode ? 'It shows this code, or asks for it' : 'It asks for this code'}. Type it nowhere else. It is good for ${lifetime(code)}.

    ${printable(userCode, 64)}

`;
}

function lifetime({ expiresAt }: UserCode): string {
  const minutes = Math.max(1, Math.floor((expiresAt.getTime() - Date.now()) / 60_000));
  return minutes === 1 ? 'a minute' : `${String(minutes)} minutes`;
}

function written({ output }: TerminalOutput, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      reject(new BrowserError('The terminal was closed before the code was shown.'));
    };
    output.once('error', gone);
    output.write(text, (error) => {
      if (error) {
        gone();
        return;
      }
      output.off('error', gone);
      resolve();
    });
  });
}
