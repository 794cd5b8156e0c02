import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const maxIdle = 32;

/**
 * Bounds the connections that have not sent a whole request. The oldest makes room for the newest, since the next one
 * may be the person's browser: `maxConnections` would turn that one away instead.
 */
export function limitIdleConnections(server: Server): void {
  const idle = new Set<Socket>();
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
    const [oldest] = idle;
    if (oldest === undefined || idle.size <= maxIdle) return;
    idle.delete(oldest);
    oldest.destroy();
  });
  // Every answer ends its connection, so none becomes idle again.
  server.prependListener('request', ({ socket }) => idle.delete(socket));
}
