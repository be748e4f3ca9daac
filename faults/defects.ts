import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Scene } from './fault.js';
import { killDatabase } from './faults/f10-kill-database.js';
import { badReceivers } from './faults/f19-bad-receivers.js';
import { DISPATCHERS } from './nodes.js';
import { RECEIVERS } from './world.js';

/** A build that breaks a promise, planted from outside; the bench must see it by one of these invariants. */
export interface Defect {
  readonly name: string;
  readonly file: string;
  readonly code: string;
  readonly instead: string;
  readonly seenBy: readonly string[];
  /** What brings it to light; null: the load alone. */
  readonly fault: Fault | null;
  readonly holdSeconds: number;
}

const none = { accept: 0, deliver: 0 };

/** Nobody consumes, and a policy lets one message lie in a queue: RabbitMQ nacks the others, as in a change of leader. */
const nacking: Fault = {
  id: 'nacks',
  says: 'the queues of all systems are full',
  limits: none,
  begin: async ({ servers, place, nodes }) => {
    await nodes.kill(...DISPATCHERS);
    const definition = { 'max-length': 1, overflow: 'reject-publish' };
    const policy = { pattern: '^crocevia\\.system\\.', 'apply-to': 'queues', definition };
    await servers.manage('PUT', `policies/${place.name}/full`, policy);
  },
  end: async ({ servers, place, nodes }) => {
    await servers.manage('DELETE', `policies/${place.name}/full`);
    await nodes.start(...DISPATCHERS);
  },
};

const deletedQueues: Fault = {
  id: 'deleted queues',
  says: 'the queues of all systems are deleted',
  limits: none,
  begin: async ({ servers, place }) => {
    const paths = RECEIVERS.map((receiver) => `queues/${place.name}/crocevia.system.${receiver}.system`);
    for (let round = 0; round < 4; round++) {
      await Promise.all(paths.map((path) => servers.manage('DELETE', path).catch(() => null)));
      await pause(400);
    }
  },
  end: async () => undefined,
};

/** Dispatchers that take work and cannot claim it, killed with what they hold. */
const killedDispatchers: Fault = {
  id: 'dispatchers killed over a stopped database',
  says: 'PostgreSQL stands still, and the dispatchers are killed',
  limits: none,
  begin: async (scene: Scene) => {
    const { servers, nodes } = scene;
    for (let round = 0; round < 3; round++) {
      servers.pair.signalPrimary('SIGSTOP');
      await pause(700);
      await nodes.kill(...DISPATCHERS);
      servers.pair.signalPrimary('SIGCONT');
      await nodes.start(...DISPATCHERS);
    }
  },
  end: async () => undefined,
};

export const DEFECTS: readonly Defect[] = [
  {
    name: 'answer before commit',
    file: 'acceptance/accept.js',
    code: 'const outcome = await store.accept(record);',
    instead: "store.accept(record).catch(() => undefined); const outcome = { kind: 'accepted' };",
    seenBy: ['I1', 'I5'],
    fault: killDatabase,
    holdSeconds: 4,
  },
  {
    name: 'nacks ignored',
    file: 'broker/rabbit/outgoing.js',
    code: "if (error instanceof Error && error.message === 'message nacked')\n            this.nacked(pending);",
    instead: 'this.settle(pending, null);',
    seenBy: ['I1', 'I9'],
    fault: nacking,
    holdSeconds: 4,
  },
  {
    name: 'dedupe off',
    file: 'store/accept-sql.js',
    code: 'SELECT sender_system, message_id, digest, id, correlation_id, accepted_at FROM input ${winners} ORDER BY 1, 2',
    instead:
      'SELECT sender_system, message_id || id, digest, id, correlation_id, accepted_at FROM input ${winners} ORDER BY 1, 2',
    seenBy: ['I2', 'I8'],
    fault: null,
    holdSeconds: 0,
  },
  {
    name: 'receivers swapped',
    file: 'delivery/channels/push.js',
    code: "method: 'POST', url,",
    instead: "method: 'POST', url: url.replace(/r_0([13])$/, (_, n) => 'r_0' + (4 - n)),",
    seenBy: ['I7'],
    fault: null,
    holdSeconds: 0,
  },
  {
    name: 'unroutable dropped',
    file: 'broker/rabbit/consumer.js',
    code: 'await publisher.publish(item);',
    instead: '',
    seenBy: ['I1', 'I9'],
    fault: deletedQueues,
    holdSeconds: 2,
  },
  {
    name: 'ack before delivery',
    file: 'broker/rabbit/consumer.js',
    code: 'await handler(item, called);',
    instead: 'handler(item, called).catch(() => undefined);',
    seenBy: ['I1', 'I9'],
    fault: killedDispatchers,
    holdSeconds: 0,
  },
  {
    name: 'parallel publish inside a conversation',
    file: 'store/accept-sql.js',
    code: 'd.sequence IS NOT NULL, d.conversation IS NOT NULL,',
    instead: 'd.sequence IS NOT NULL, false,',
    seenBy: ['I3'],
    fault: badReceivers,
    holdSeconds: 3,
  },
];

const PLACE = 'dist-defect';

/** The text of the file with the defect. Throws where the code to break does not stand there once. */
export function broken({ file, code, instead, name }: Planted, build: string): string {
  const text = readFileSync(`${build}/${file}`, 'utf8');
  const places = text.split(code).length - 1;
  if (places !== 1) throw new Error(`"${name}" cannot be planted: its code stands ${places} times in ${file}`);
  return text.replace(code, () => instead);
}

type Planted = Pick<Defect, 'file' | 'code' | 'instead' | 'name'>;

/** A copy of the build with the defect; returns its main.js. Throws as `broken` does. */
export function plant(defect: Planted): string {
  rmSync(PLACE, { recursive: true, force: true });
  cpSync('dist', PLACE, { recursive: true });
  writeFileSync(`${PLACE}/${defect.file}`, broken(defect, 'dist'));
  return `${PLACE}/main.js`;
}

export const uproot = () => rmSync(PLACE, { recursive: true, force: true });
