import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';

/** Made of addresses that are really public ones, and lie at the loopback interface of a network of its own. */
const addresses = ['93.184.216.34', '93.184.216.36', '2606:4700::1111', '10.0.0.5'];
const names = ['public', 'other', 'six', 'two', 'mixed', 'inside', 'rebound'].map(
  (name) => `${name}.example`,
);

const prepare = [
  'ip link set lo up',
  ...addresses.map((address) => `ip addr add ${address}/${address.includes(':') ? 128 : 32} dev lo`),
  'mount --bind "$HOSTS" /etc/hosts',
  'exec "$@"',
].join(' && ');

/** Runs a script in that network, with certificates that it trusts, and resolves with what it printed as JSON. */
export async function inPublicInternet(script: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'internet-'));
  try {
    const file = (name: string) => join(folder, name);
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'public.example' }], {
      keyType: 'ec',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
      ],
    });
    await Promise.all([
      writeFile(file('cert.pem'), cert),
      writeFile(file('key.pem'), key),
      writeFile(file('hosts'), ''),
    ]);
    const path = fileURLToPath(new URL(script, import.meta.url));
    const args = ['-rnm', 'sh', '-c', prepare, 'sh', process.execPath, path, folder];
    const child = spawn('unshare', args, {
      env: { ...process.env, HOSTS: file('hosts'), NODE_EXTRA_CA_CERTS: file('cert.pem') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    await once(child, 'close');
    return JSON.parse(out) as Record<string, unknown>;
  } finally {
    await rm(folder, { recursive: true });
  }
}
