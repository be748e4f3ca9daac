import type { Examined, Decoded } from '../message/stages.js';
import type { Agreement, Operation, Service, System } from '../registry/model.js';

/** One receiver of a message, as the registry knows it at this moment. */
export interface Route {
  readonly receiver: System;
  readonly agreement: Agreement;
}

export interface Resolved extends Decoded {
  readonly service: Service;
  readonly operation: Operation;
  /** Receiving systems; authorise finds the agreement for each. */
  readonly receivers: readonly System[];
}

export interface Authorised extends Resolved {
  readonly routes: readonly Route[];
}

export type Validated = Authorised & Examined;
