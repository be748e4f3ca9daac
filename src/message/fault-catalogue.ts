import { CALLER_FAULTS } from './faults/callers.js';
import { GATEWAY_FAULTS } from './faults/gateway.js';
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
