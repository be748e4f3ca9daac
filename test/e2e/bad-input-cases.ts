import type { FaultCode } from '../../src/message/fault-catalogue.js';
import type { HttpCall } from '../support/client.js';
import { envelope, type EnvelopeOptions } from '../support/messages.js';

/** One request; `headers` lie over those of a good one, `key: null` sends no API key. */
export interface Bad {
  readonly path?: string;
  readonly method?: 'POST' | 'PUT';
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: HttpCall['body'];
}

/** Something that a sender can do wrong, in the dialects where it can. */
export interface BadCase {
  readonly name: string;
  readonly code: FaultCode;
  /** Status over REST; what the SOAP dialects make of it is the protocols' rule. */
  readonly status: number;
  readonly rest?: readonly Bad[];
  readonly soap?: (version: '1.1' | '1.2') => readonly Bad[];
}

export const REST = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';
export const SOAP = '/soap/c_h007/v1/VariazioneAnagrafica';
export const XML = { 'content-type': 'application/xml' };

/** Headers that name a SOAP action in either version. */
export const action = (version: '1.1' | '1.2', uri: string): Record<string, string> =>
  version === '1.1'
    ? { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${uri}"` }
    : { 'content-type': `application/soap+xml; charset=utf-8; action="${uri}"` };

export const soapWith =
  (options: EnvelopeOptions, more: Omit<Bad, 'body'> = {}) =>
  (version: '1.1' | '1.2') => [{ ...more, body: envelope({ version, ...options }) }];
export const anywhere = (bad: Bad) => ({ rest: [bad], soap: () => [bad] });
