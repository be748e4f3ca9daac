import type { MessagePort } from 'node:worker_threads';
import type { KeyPath } from '../message/business-key.js';
import type { DocumentFormat } from '../message/message.js';
import type { Examination, SchemaBundle, XmlFacts } from '../message/document.js';
import type { FaultCode } from '../message/fault-catalogue.js';
import type { FaultDetail, Violation } from '../message/fault.js';
import type { XmlLimits } from './xml/survey.js';

/** What a worker is given for one document; it holds it until it has examined it or the port is closed. */
export interface DocumentTask {
  readonly format: DocumentFormat;
  readonly bytes: Uint8Array;
  readonly charset: string | null;
  readonly limits: XmlLimits;
  readonly port: MessagePort;
}

/** The schema by its key alone: the worker asks for the bundle where it does not hold it yet. */
export interface WorkerOrder {
  readonly schema: { readonly key: string; readonly kind: SchemaBundle['kind'] } | null;
  readonly extract: Readonly<Record<string, string>>;
  readonly keys?: readonly KeyPath[];
  readonly member?: string;
}

export type ToWorker =
  | { readonly kind: 'examine'; readonly order: WorkerOrder }
  | { readonly kind: 'schema'; readonly bundle: SchemaBundle };

/** In this order: started, opened, (schema-wanted), validating, violation*, (overflow), examined; fault or failed at any point. */
export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'opened'; readonly xml: XmlFacts | null; readonly json: unknown }
  | { readonly kind: 'schema-wanted' }
  | { readonly kind: 'validating' }
  | { readonly kind: 'violation'; readonly violation: Violation }
  /** There are more violations than were told; the worker goes on to the end nevertheless. */
  | { readonly kind: 'overflow' }
  | { readonly kind: 'examined'; readonly examination: Examination }
  | { readonly kind: 'fault'; readonly code: FaultCode; readonly info: FaultDetail }
  | { readonly kind: 'failed'; readonly message: string };
