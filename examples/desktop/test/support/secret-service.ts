import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface SecretService {
  /** What a program needs to find it. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends it. What it keeps stays on the disk of its home. */
  stop(): Promise<void>;
}

/** A session bus with a GNOME Keyring whose files lie below `home`, unlocked with `password`, or locked without one. */
export async function startSecretService(home: string, password?: string): Promise<SecretService> {
  await mkdir(join(home, 'run'), { recursive: true });
  const own = { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: join(home, 'run') };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
    env: { PATH: process.env['PATH'], ...own },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [address] = (await once(bus.stdout.setEncoding('utf8'), 'data')) as [string];
  const env = { ...own, DBUS_SESSION_BUS_ADDRESS: address.trim() };
  const unlock = password === undefined ? '--start' : '--unlock';
  const keyring = spawn('gnome-keyring-daemon', [unlock, '--foreground', '--components=secrets'], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  keyring.stdin.end(password ?? '');
  // It prints its variables when it can be asked.
  await Promise.race([once(keyring.stdout, 'data'), new Promise((resolve) => setTimeout(resolve, 2_000))]);
  return {
    env,
    stop: async () => {
      await Promise.all([ended(keyring), ended(bus)]);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
