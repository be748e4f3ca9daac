import { Fault } from '../message/fault.js';

/** What contents of one participant and day (UTC) are encrypted with; kept in the ledger, sealed with the master key. */
export interface DataKey {
  /** UUID. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

export interface DataKeys {
  /** Of today; made where there is none. Throws Fault store-unavailable, also where this node has no master key. */
  of(participant: string): Promise<DataKey>;
  /** Throws Fault internal where it is gone or cannot be opened, store-unavailable. */
  get(id: string): Promise<Buffer>;
}

export const keyMissing = () =>
  new Fault('store-unavailable', {
    detail: 'What this participant sends and receives is kept encrypted only, and this node has no master key.',
    retryAfterSeconds: 60,
  });

export const keyGone = () =>
  new Fault('internal', {
    detail: 'What is stored encrypted cannot be opened.',
    cause: new Error('its data key is gone'),
  });
