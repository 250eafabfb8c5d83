/** Ports of this machine that nobody uses. */
import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/** A port from the system, free on 127.0.0.1 a moment ago. Another program may still be quicker; then the replica's next start has another one. */
export async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (!taken.has(port)) return port;
  }
}

/** Whether a certain port can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
