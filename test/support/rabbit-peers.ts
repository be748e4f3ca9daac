import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { startLine, type Line } from './proxy.js';

/** A node as its peers find it. */
export interface Peer {
  /** The part before the @. */
  readonly name: string;
  readonly epmdPort: number;
  readonly distributionPort: number;
}

/** The lines over which the nodes of a cluster speak to one another. */
export interface Peers {
  /** From now on nothing passes between this node and the others, and nobody is told. */
  part(node: number): void;
  /** All lines carry again what is said on new connections. */
  heal(): void;
  stop(): Promise<void>;
}

interface Way {
  readonly ends: readonly [number, number];
  readonly line: Line;
  /** While it is open, epmd knows the way. */
  readonly entry: Socket;
}

/**
 * Lays a line for each node to each other one. Each node asks an epmd of its own where the others are, and is told the line: no rule of a
 * firewall, and so no rights, are needed, and nothing is left behind when this process ends.
 */
export async function layLines(peers: readonly Peer[]): Promise<Peers> {
  const pairs = peers.flatMap((_from, a) => peers.flatMap((_to, b) => (a === b ? [] : [[a, b] as const])));
  const ways: readonly Way[] = await Promise.all(
    pairs.map(async ([from, to]) => {
      const line = await startLine(peers[to]!.distributionPort);
      return { ends: [from, to], line, entry: await enter(peers[from]!.epmdPort, peers[to]!.name, line.port) };
    }),
  );
  return {
    part: (node) => ways.filter(({ ends }) => ends.includes(node)).forEach(({ line }) => line.freeze()),
    heal: () => ways.forEach(({ line }) => line.mend()),
    stop: async () => {
      for (const { entry } of ways) entry.destroy();
      await Promise.all(ways.map(({ line }) => line.stop()));
    },
  };
}

const EPMD_LIMIT_MS = 10_000;

/** Enters a node in an epmd that has just been started, and waits until it is up. */
async function enter(epmdPort: number, name: string, port: number): Promise<Socket> {
  for (const end = Date.now() + EPMD_LIMIT_MS; ; await pause(50)) {
    try {
      return await tryToEnter(epmdPort, name, port);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function tryToEnter(epmdPort: number, name: string, port: number): Promise<Socket> {
  const socket = connect(epmdPort, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(aliveRequest(name, port));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[1] !== 0) throw new Error(`epmd does not enter ${name}: ${answer.toString('hex')}`);
  socket.on('error', () => undefined).unref();
  return socket;
}

/** ALIVE2_REQ of the Erlang distribution protocol, for a visible node that speaks versions 5 and 6 over TCP. */
function aliveRequest(name: string, port: number): Buffer {
  const request = Buffer.alloc(15 + name.length);
  request.writeUInt16BE(13 + name.length, 0);
  request.writeUInt8(120, 2);
  request.writeUInt16BE(port, 3);
  request.writeUInt8(77, 5);
  request.writeUInt16BE(6, 7);
  request.writeUInt16BE(5, 9);
  request.writeUInt16BE(name.length, 11);
  request.write(name, 13, 'latin1');
  return request;
}
