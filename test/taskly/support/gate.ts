import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a local port that can be cut and opened again. */
export interface Gate {
  readonly port: number;
  /** Breaks all connections; new ones are broken as they come. */
  cut(): void;
  open(): void;
  /** How many connections came while it was cut. */
  refused(): number;
  close(): Promise<void>;
}

export async function startGate(target: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  let refused = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    return socket.once('close', () => sockets.delete(socket));
  };
  const pass = (near: Socket): void => {
    const far = keep(connect(target, '127.0.0.1'));
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  };
  const server = createServer((near) => {
    keep(near);
    if (isOpen) return pass(near);
    refused++;
    return void near.resetAndDestroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  const close = async (): Promise<void> => {
    cut();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, cut, open: () => void (isOpen = true), refused: () => refused, close };
}
