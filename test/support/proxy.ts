import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A TCP line between one process and a server, which can break for that process alone. */
export interface Line {
  readonly port: number;
  /** Connections are reset and new ones refused until `mend`. */
  cut(): void;
  /** Nothing gets through any more and nobody is told, as when a switch dies; new connections hang too. */
  freeze(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startLine(target: number): Promise<Line> {
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const sockets = new Set<Socket>();
  const reset = () => sockets.forEach((socket) => socket.destroy());
  const server = createServer({ pauseOnConnect: true }, (near) => {
    keep(near, sockets);
    if (state === 'cut') return void near.destroy();
    if (state === 'frozen') return;
    const far = keep(connect(target, '127.0.0.1'), sockets);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => ((state = 'cut'), reset()),
    freeze: () => {
      state = 'frozen';
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend: () => ((state = 'open'), reset()),
    stop: () => (reset(), new Promise((resolve) => server.close(() => resolve()))),
  };
}

function keep(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket);
  return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
}
