import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** A TCP line between one process and a server, which can break for that process alone. */
export interface Line {
  readonly port: number;
  /** Connections are reset and new ones refused until `mend`. */
  cut(): void;
  /** Nothing gets through any more and nobody is told, as when a switch dies; new connections hang too. */
  freeze(): void;
  /** What the server says is swallowed, what the client says gets through. */
  mute(): void;
  /** Milliseconds that each chunk is late from now on, both ways; `mend` ends it for new connections. */
  delay(ms: number): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startLine(target: number): Promise<Line> {
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const way = { late: 0, muted: false };
  const sockets = new Set<Socket>();
  const reset = () => sockets.forEach((socket) => socket.destroy());
  const server = createServer({ pauseOnConnect: true }, (near) => {
    keep(near, sockets);
    if (state === 'cut') return void near.destroy();
    if (state === 'frozen') return;
    const far = keep(connect(target, '127.0.0.1'), sockets);
    near.pipe(slowly(way)).pipe(far);
    far.pipe(slowly(way, true)).pipe(near);
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
    mute: () => void (way.muted = true),
    delay: (ms) => void (way.late = ms),
    mend: () => (Object.assign(way, { late: 0, muted: false }), (state = 'open'), reset()),
    stop: () => (reset(), new Promise((resolve) => server.close(() => resolve()))),
  };
}

/** In order, each chunk as late as the line is at that moment. */
function slowly(way: { readonly late: number; readonly muted: boolean }, fromServer = false): Transform {
  return new Transform({
    transform: (chunk, _encoding, done) => {
      const pass = () => (fromServer && way.muted ? done() : done(null, chunk));
      if (way.late === 0) pass();
      else setTimeout(pass, way.late);
    },
  });
}

function keep(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket);
  return socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
}
