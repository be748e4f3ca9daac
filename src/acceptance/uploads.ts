import { createHash } from 'node:crypto';
import { newId } from '../new-id.js';
import { Fault } from '../message/fault.js';
import { createPlaces, type TakePlace } from './places.js';
import type { PayloadLedger, PayloadStore } from './payloads.js';

interface UploadParts {
  readonly store: PayloadStore;
  readonly ledger: PayloadLedger;
  /** Told of what could not be removed; the sweep tries again. */
  readonly problem: (error: unknown) => void;
}

/** A content on its way into the payload store. `close` must be called once, always, after acceptance or refusal. */
export interface Upload {
  readonly id: string;
  /** Writes all of the source, once. */
  write(source: AsyncIterable<Buffer>): Promise<{ readonly size: number; readonly sha256: string }>;
  /** Removes it where no message was accepted with it. */
  close(): Promise<void>;
}

export interface Uploads {
  /** `sealFor`: the participant under whose key it is kept; null: as it is. Throws overloaded, store-unavailable. */
  begin(system: string, sealFor: string | null): Promise<Upload>;
  /** Removes what nobody has finished or taken. */
  sweep(): Promise<void>;
}

/** A node that dies leaves its uploads to the sweep after that time. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const PLACES = { all: 32, ofSystem: 8 } as const;
const SWEPT_AT_ONCE = 100;

export function createUploads(parts: UploadParts): Uploads {
  const takePlace = createPlaces('uploads', PLACES);
  return {
    begin: (system, sealFor) => begin(parts, takePlace, system, sealFor),
    sweep: async () => {
      for (const id of await parts.ledger.condemnOrphans(SWEPT_AT_ONCE)) await remove(parts, id);
    },
  };
}

async function begin(
  parts: UploadParts,
  takePlace: TakePlace,
  system: string,
  sealFor: string | null,
): Promise<Upload> {
  const leave = takePlace(system);
  const id = newId();
  const lost = new AbortController();
  await parts.ledger.begin(id, LEASE_MS, sealFor).catch((error: unknown) => {
    leave();
    throw error;
  });
  const timer = setInterval(() => void renew(parts, id, lost), RENEW_MS);
  return {
    id,
    write: (source) => write(parts.store, id, source, lost.signal),
    close: async () => {
      clearInterval(timer);
      leave();
      await release(parts, id).catch(parts.problem);
    },
  };
}

/** A ledger that is away for a moment does not end the upload: the lease lasts longer. */
async function renew({ ledger, problem }: UploadParts, id: string, lost: AbortController): Promise<void> {
  try {
    if (!(await ledger.renew(id, LEASE_MS))) lost.abort(leaseLost());
  } catch (error) {
    problem(error);
  }
}

const leaseLost = () =>
  new Fault('store-unavailable', { detail: 'The upload lost its lease in the ledger.', retryAfterSeconds: 5 });

async function write(store: PayloadStore, id: string, source: AsyncIterable<Buffer>, lost: AbortSignal) {
  const hash = createHash('sha256');
  let size = 0;
  const counted = async function* () {
    for await (const chunk of source) {
      lost.throwIfAborted();
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await store.write(id, counted());
  return { size, sha256: hash.digest('hex') };
}

/** The ledger alone knows whether a message has it, also where its answer to the acceptance was lost. */
async function release(parts: UploadParts, id: string): Promise<void> {
  if (await parts.ledger.condemn(id)) await remove(parts, id);
}

async function remove({ store, ledger }: UploadParts, id: string): Promise<void> {
  await store.remove(id);
  await ledger.forget(id);
}
