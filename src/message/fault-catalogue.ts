import { CALLER_FAULTS } from './faults/callers.js';
import { GATEWAY_FAULTS } from './faults/gateway.js';
import { ITALIAN_REMEDIES } from './faults/italian-remedies.js';
import { RECEIVER_FAULTS } from './faults/receivers.js';
import { REQUEST_FAULTS } from './faults/requests.js';
import { ROUTE_FAULTS } from './faults/routes.js';

/** Every refusal there is, in the order of the path. docs/faults.md is generated from this table (`npm run docs`). */
export const FAULTS = {
  ...CALLER_FAULTS,
  ...REQUEST_FAULTS,
  ...ROUTE_FAULTS,
  ...GATEWAY_FAULTS,
  ...RECEIVER_FAULTS,
};

export type FaultCode = keyof typeof FAULTS;

/** What a code means and what its reader should do, for people. */
export interface FaultWords {
  readonly title: string;
  readonly remedy: string;
}

export const faultWords = (code: FaultCode, language: 'it' | 'en'): FaultWords =>
  language === 'it'
    ? { title: FAULTS[code].it, remedy: ITALIAN_REMEDIES[code] }
    : { title: FAULTS[code].en, remedy: FAULTS[code].remedy };
