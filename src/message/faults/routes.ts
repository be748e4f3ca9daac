import { gateway, sender, type FaultKind } from './kind.js';

/** Where to, and the body. */
export const ROUTE_FAULTS = {
  // where to
  'participant-unknown': sender(
    404,
    'Ente sconosciuto',
    'Participant unknown',
    'Use the IPA code of a participant of this gateway.',
  ),
  'service-unknown': sender(
    404,
    'Servizio sconosciuto',
    'Service unknown',
    'Use a service that this participant provides.',
  ),
  'version-unknown': sender(
    404,
    'Versione sconosciuta',
    'Service version unknown',
    'Use a version that the fault lists.',
  ),
  'operation-unknown': sender(
    400,
    'Azione sconosciuta',
    'Operation unknown',
    'Use an operation of the published interface.',
  ),
  'operation-ambiguous': sender(
    400,
    'Azione contraddittoria',
    'Operation contradictory',
    'SOAPAction, action parameter, wsa:Action and the body element must name one operation.',
  ),
  'receiver-unknown': sender(
    404,
    'Destinatario sconosciuto',
    'Receiver unknown',
    'Address a participant with which there is an agreement.',
  ),
  'receiver-mismatch': sender(
    400,
    'Destinatario contraddittorio',
    'Receiver contradictory',
    'The receiver named in the message must be the one that it is addressed to.',
  ),
  'fan-out-unsupported': sender(
    422,
    'Operazione non rivolgibile a più enti',
    'Operation cannot be asked of many',
    'Ask each provider at /rest/...; a fan-out takes queries by GET or POST, and JSON where the payload names its receiver.',
  ),
  'fan-out-too-wide': sender(
    422,
    'Troppi enti da interrogare',
    'Too many providers to ask',
    'Ask the bodies below one at a time: each of them has fewer providers below it.',
  ),
  'no-subscriber': sender(
    422,
    'Nessun destinatario per questo tipo di evento',
    'No receiver for this event type',
    'Name a receiver, or wait for an agreement that subscribes to the type.',
  ),
  'profile-unsupported': {
    ...gateway(
      501,
      'Profilo di scambio non disponibile',
      'Exchange profile not available',
      'An event can carry no query; ask by SOAP or REST.',
    ),
    retryable: false,
  },

  // the body
  'schema-violation': sender(
    400,
    'Messaggio non conforme allo schema',
    'Message not valid against the published schema',
    'Correct each listed error; the path, the line and the expectation are given.',
  ),
  'schema-missing': {
    ...gateway(
      500,
      'Schema non disponibile',
      'Schema not available',
      'The operator must publish a schema for this operation in this format.',
    ),
    retryable: false,
  },
  'validation-timeout': sender(
    400,
    'Validazione troppo lunga',
    'Validation took too long',
    'Send a smaller or simpler document.',
  ),
} as const satisfies Record<string, FaultKind>;
