import { Fault } from '../message/fault.js';
import type { FaultRecord } from '../message/fault.js';
import type { QueueItem } from '../acceptance/ports.js';
import type { ChannelResult } from './channel.js';
import type { System } from '../registry/model.js';
import type { Registry } from '../registry/registry.js';
import type { CircuitStore } from './ports.js';

/**
 * Which receiving systems are spared for a while. The state is in the ledger, where the relay gives nothing for such a system but
 * one delivery when its time is over; a library's would be one process's. Each process counts the failures that it sees.
 */
export interface DeliveryCircuits {
  /** Why an item has to rest, and until when; null: it may go. Throws store-unavailable. */
  held(item: QueueItem): Promise<{ readonly fault: FaultRecord; readonly until: Date } | null>;
  /** Tells what became of a delivery that was pushed. Throws store-unavailable. */
  note(item: QueueItem, result: ChannelResult): Promise<void>;
  /** A system whose document has changed is tried at once: what was wrong may be mended. Throws store-unavailable. */
  follow(registry: Pick<Registry, 'systems'>): Promise<void>;
}

export interface CircuitNews {
  readonly system: string;
  readonly state: 'open' | 'closed';
}

/** In a row. */
const FAILURES = 5;

export function createDeliveryCircuits(
  store: CircuitStore,
  registry: Pick<Registry, 'systems'>,
  changed: (news: CircuitNews) => void,
): DeliveryCircuits {
  const failures = new Map<string, number>();
  const open = new Map<string, Date>();
  let known = systemsById(registry);
  const close = async (system: string) => {
    open.delete(system);
    await store.close(system);
    changed({ system, state: 'closed' });
  };
  return {
    follow: async (registry) => {
      const before = known;
      known = systemsById(registry);
      for (const [id, system] of before) {
        if (known.get(id) === system) continue;
        failures.delete(id);
        if (open.has(id)) await close(id);
        else await store.close(id);
      }
    },
    held: async ({ delivery: { receiver }, isProbe }) => {
      if (isProbe || !isAhead(open.get(receiver.system))) return null;
      // Another node's probe may have found the system well meanwhile, which ends the row of failures, or away for longer.
      const until = await store.until(receiver.system);
      if (until === null) for (const known of [open, failures]) known.delete(receiver.system);
      return isAhead(until) ? { fault: openFault(receiver), until } : null;
    },
    note: async ({ delivery, isProbe = false }, result) => {
      const { system } = delivery.receiver;
      if (!isAway(result)) {
        failures.delete(system);
        if (isProbe || open.has(system)) await close(system);
        return;
      }
      const count = (failures.get(system) ?? 0) + 1;
      failures.set(system, count);
      if (!isProbe && count < FAILURES) return;
      const isNew = !open.has(system);
      open.set(system, await store.open(system, isProbe));
      if (isNew) changed({ system, state: 'open' });
    },
  };
}

const isAhead = (time: Date | null | undefined): time is Date => (time?.getTime() ?? 0) > Date.now();

const systemsById = (registry: Pick<Registry, 'systems'>): ReadonlyMap<string, System> =>
  new Map(registry.systems().map((system) => [system.id, system]));

/** Nothing came back, or a gateway's word that the system behind it is away (RFC 9110 §15.6.3, §15.6.5). */
function isAway({ outcome, fault, attempt }: ChannelResult): boolean {
  if (outcome !== 'retry' || !fault) return false;
  if (fault.code === 'receiver-error') return attempt.status === null || [502, 504].includes(attempt.status);
  return ['receiver-unreachable', 'receiver-timeout', 'certificate-expired'].includes(fault.code);
}

const openFault = ({ participant, system }: QueueItem['delivery']['receiver']): FaultRecord =>
  new Fault('circuit-open', {
    detail: `System ${system} has failed ${FAILURES} times in a row or more; it is spared for a while.`,
    place: participant,
  }).toRecord();
