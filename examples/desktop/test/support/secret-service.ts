import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMIT_MS = 20_000;

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
  const bus = daemon('dbus-daemon', ['--session', '--nofork', '--print-address'], own);
  const [address] = (await once(bus.stdout!.setEncoding('utf8'), 'data')) as [string];
  const env = { ...own, DBUS_SESSION_BUS_ADDRESS: address.trim() };
  const unlock = password === undefined ? '--start' : '--unlock';
  const keyring = daemon('gnome-keyring-daemon', [unlock, '--foreground', '--components=secrets'], env);
  keyring.stdin!.end(password ?? '');
  const stop = async (): Promise<void> => {
    await Promise.all([ended(keyring), ended(bus)]);
  };
  try {
    await onBus('org.freedesktop.secrets', env);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, stop };
}

/** The name is taken after the keyring was unlocked. */
async function onBus(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { PATH } = process.env;
  const question = [
    '--dest=org.freedesktop.DBus',
    '/',
    'org.freedesktop.DBus.NameHasOwner',
    `string:${name}`,
  ];
  const limit = Date.now() + LIMIT_MS;
  while (Date.now() < limit) {
    const { stdout } = await run('dbus-send', ['--print-reply', ...question], { env: { PATH, ...env } });
    if (stdout.includes('boolean true')) return;
    await sleep(50);
  }
  throw new Error(`${name} did not come to the session bus.`);
}

function daemon(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const { PATH } = process.env;
  return spawn(program, args, { env: { PATH, ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
