import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault, faultOf, type FaultRecord } from '../message/fault.js';
import type { Caller } from '../message/stages.js';

/** What tells who takes part, and which agreements there are. */
const TELLING: readonly FaultCode[] = [
  'participant-unknown',
  'receiver-unknown',
  'service-unknown',
  'no-subscriber',
  'not-authorised',
  'agreement-suspended',
  'agreement-not-in-force',
];

/**
 * The fault as this caller may read it. Of a partner whose `disclosure` is minimal every refusal by the registry looks the same, so that it
 * learns neither who takes part nor what was agreed; the ledger keeps the fault itself for the operators.
 */
export function disclosed(fault: Fault, caller: Caller | undefined): Fault {
  if (!caller?.isToldLess || !TELLING.includes(fault.code)) return fault;
  return new Fault('not-authorised', {
    detail: 'You may not call this. The operators of the gateway see why, by the id of this refusal.',
    cause: fault,
  });
}

/** {@link disclosed} of a fault that was recorded. */
export const disclosedRecord = (record: FaultRecord, caller: Caller): FaultRecord =>
  disclosed(faultOf(record), caller).toRecord();
