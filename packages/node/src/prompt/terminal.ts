import { closeSync, openSync } from 'node:fs';
import { isatty, ReadStream, WriteStream } from 'node:tty';
import { errnoOf } from '../process/errno.js';
import { readProcStat } from '../process/proc-stat.js';

/** A terminal to show something at. Never stdout, which may be the stream that an MCP server answers on. */
export interface TerminalOutput {
  readonly output: WriteStream;
  /** Nothing of it keeps the process alive afterwards. */
  close(): void;
}

/** A terminal to ask somebody at. */
export interface Terminal extends TerminalOutput {
  readonly input: ReadStream;
}

export function hasTerminalOutput(): boolean {
  return isOurs() && (hasDevice() || isatty(2));
}

/** The device, whatever the standard streams lead to; else stderr, where that is a terminal. */
export function openTerminalOutput(): TerminalOutput | undefined {
  if (!isOurs()) return undefined;
  const fd = openDevice();
  if (fd === undefined) return isatty(2) ? { output: process.stderr, close: () => undefined } : undefined;
  const output = new WriteStream(fd);
  return {
    output,
    close: () => {
      output.destroy();
    },
  };
}

export function hasTerminal(): boolean {
  return isOurs() && (hasDevice() || standardStreams() !== undefined);
}

/** The device, whatever the standard streams lead to; else stdin and stderr, where both are a terminal. */
export function openTerminal(): Terminal | undefined {
  if (!isOurs()) return undefined;
  const fd = openDevice();
  if (fd === undefined) return standardStreams();
  const input = new ReadStream(fd);
  // Each stream closes its own descriptor.
  const outputFd = openDevice();
  if (outputFd === undefined) {
    input.destroy();
    return undefined;
  }
  const output = new WriteStream(outputFd);
  return {
    input,
    output,
    close: () => {
      input.destroy();
      output.destroy();
    },
  };
}

/**
 * A process in the background is stopped as soon as it reads from its terminal. And one whose standard streams all lead
 * elsewhere was started by a program that may have the terminal to itself, such as an MCP host that draws on it.
 */
function isOurs(): boolean {
  if (![0, 1, 2].some((fd) => isatty(fd))) return false;
  const own = process.platform === 'linux' ? readProcStat('self') : undefined;
  return own === undefined || own.foregroundGroup === -1 || own.foregroundGroup === own.processGroup;
}

function hasDevice(): boolean {
  const fd = openDevice();
  if (fd === undefined) return false;
  closeSync(fd);
  return true;
}

function openDevice(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+');
  } catch (error) {
    const none = ['ENXIO', 'ENOENT', 'ENODEV', 'ENOTTY', 'EACCES', 'EPERM', 'EIO'];
    if (none.includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

function standardStreams(): Terminal | undefined {
  const { stdin, stderr } = process;
  if (!isatty(0) || !isatty(2)) return undefined;
  return {
    input: stdin,
    output: stderr,
    close: () => {
      stdin.pause();
    },
  };
}
