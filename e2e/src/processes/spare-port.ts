import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free loopback port that stays free while its server is down: connections of this machine get their own ports from
 * a higher range. The port that a cluster node takes beside it (10 000 higher) is free too.
 */
export async function sparePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(10_100, 22_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
  throw new Error('No free port was found for a Redis server between 10100 and 22000.');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    // By its shape: an error of Node has another class in a test.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EADDRINUSE')
      return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
