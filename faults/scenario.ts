import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { drained, readJournal, readMessages } from './console.js';
import type { Fault, Scene } from './fault.js';
import { Ledger, type Evidence, type Got, type Sent } from './ledger.js';
import { ALL_NODES, GATEWAYS, Nodes } from './nodes.js';
import { SETTLES_MS } from './others.js';
import { seeded } from './random.js';
import { startReceivers } from './receivers.js';
import type { Planned } from './schedule.js';
import { Senders, type LoadOrder } from './senders.js';
import type { Place, Servers } from './servers.js';
import { writeWorld } from './world.js';

export interface ScenarioOrder {
  readonly seed: number;
  readonly load: LoadOrder;
  readonly plan: readonly Planned[];
  readonly faults: ReadonlyMap<string, Fault>;
  /** The build to run. */
  readonly main: string;
  /** Where the ledgers are written. */
  readonly directory: string;
  /** Milliseconds after the load in which something must arrive while anything is open. */
  readonly drainMs: number;
}

/** When a fault began and was over, milliseconds since the epoch. */
export interface Happened {
  readonly fault: string;
  readonly began: number;
  readonly ended: number;
}

export interface Run {
  readonly evidence: Evidence;
  readonly happened: readonly Happened[];
  /** Milliseconds from the last answer to the last end of a delivery. */
  readonly drainMs: number;
  readonly logs: string;
}

/** One run on a database and a virtual host of its own: load, faults by plan, and everything that was seen of it. */
export async function runScenario(servers: Servers, order: ScenarioOrder): Promise<Run> {
  const random = seeded(order.seed);
  await mkdir(order.directory, { recursive: true });
  const sent = new Ledger<Sent>(join(order.directory, 'sent.ndjson'));
  const got = new Ledger<Got>(join(order.directory, 'got.ndjson'));
  const place = await servers.newPlace();
  const receivers = await startReceivers(got, random);
  const registry = await writeWorld(receivers);
  const nodes = new Nodes(place, registry, { main: order.main, caFile: receivers.caFile });
  try {
    await nodes.start(...ALL_NODES);
    const senders = new Senders(
      GATEWAYS.map((name) => nodes.url(name)),
      sent,
      random,
    );
    const scene: Scene = { servers, place, nodes, receivers, senders, random, registry };
    const load = senders.run(order.load);
    const happened = await perform(order, scene);
    await pause(order.load.tailSeconds * 1_000);
    if (order.load.messages === Infinity) senders.end();
    await load;
    await senders.settled();
    const url = nodes.url('g1');
    const drainMs = await drained(url, order.drainMs, () => got.rows.length);
    // What came last may still be on its way back to the queues.
    await pause(500);
    const [told, journal] = await Promise.all([readMessages(url), readJournal(url)]);
    const evidence = { sent: sent.rows, got: got.rows, told, journal, queues: await lying(servers, place) };
    return { evidence, happened, drainMs, logs: nodes.logs() };
  } finally {
    await nodes.end();
    await receivers.stop();
    await Promise.all([sent.close(), got.close()]);
    await rm(registry, { recursive: true, force: true });
  }
}

/**
 * One that takes longer than planned puts off all that follow: none begins in what the one before it has left. A RabbitMQ node that has lost
 * sight of its peers by itself, as one does on a host that is slow, is waited for.
 */
async function perform({ plan, faults }: ScenarioOrder, scene: Scene): Promise<readonly Happened[]> {
  let begun = Date.now();
  const happened: Happened[] = [];
  for (const { fault: id, at, hold } of plan) {
    const fault = faults.get(id)!;
    const planned = begun + at * 1_000;
    const earliest = (happened.at(-1)?.ended ?? -Infinity) + SETTLES_MS;
    await pause(Math.max(0, Math.max(planned, earliest) - Date.now()));
    await scene.servers.rabbit.whole();
    const began = Date.now();
    begun += Math.max(0, began - planned);
    await fault.begin(scene);
    await pause(Math.max(0, hold * 1_000 - (Date.now() - began)));
    await fault.end(scene);
    happened.push({ fault: id, began, ended: Date.now() });
    console.log(`  ${id} ${fault.says}: ${((Date.now() - began) / 1_000).toFixed(1)} s`);
  }
  return happened;
}

/** What nobody could read lies in the dead letters, where it belongs. */
const DEAD = 'crocevia.dead-letters';

async function lying({ manage }: Servers, { name }: Place): Promise<Record<string, number>> {
  const path = `queues/${name}?disable_stats=true&enable_queue_totals=true`;
  const queues = (await manage<{ name: string; messages?: number }[]>('GET', path)) ?? [];
  const own = queues.filter((queue) => queue.name !== DEAD);
  return Object.fromEntries(own.map((queue) => [queue.name, queue.messages ?? 0]));
}
