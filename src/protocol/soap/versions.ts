import type { XmlFacts } from '../../message/document.js';

export type SoapVersion = NonNullable<XmlFacts['envelope']>['version'];

/** What differs between SOAP 1.1 and SOAP 1.2 Part 1. */
export interface SoapTraits {
  readonly namespace: string;
  readonly mediaType: string;
  /** Prefix of what we write. */
  readonly prefix: string;
  /** Actors (1.1 §4.2.2) or roles (1.2 Part 1 §2.2) that every node acts in; no role at all is the ultimate receiver. */
  readonly ourRoles: readonly string[];
}

export const SOAP: Readonly<Record<SoapVersion, SoapTraits>> = {
  soap11: {
    namespace: 'http://schemas.xmlsoap.org/soap/envelope/',
    mediaType: 'text/xml',
    prefix: 'soap',
    ourRoles: ['', 'http://schemas.xmlsoap.org/soap/actor/next'],
  },
  soap12: {
    namespace: 'http://www.w3.org/2003/05/soap-envelope',
    mediaType: 'application/soap+xml',
    prefix: 'env',
    ourRoles: [
      '',
      'http://www.w3.org/2003/05/soap-envelope/role/next',
      'http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver',
    ],
  },
};

export const WSA_NAMESPACE = 'http://www.w3.org/2005/08/addressing';
/** WS-Addressing 1.0 and the member submission that older toolkits send. */
export const WSA_NAMESPACES: readonly string[] = [WSA_NAMESPACE, 'http://schemas.xmlsoap.org/ws/2004/08/addressing'];

/** How a participant is named in wsa:To and wsa:From. */
export const PARTICIPANT_URN = 'urn:crocevia:participant:';
