import { sender, type FaultKind } from './kind.js';

/** The request as bytes, and the envelope in them. */
export const REQUEST_FAULTS = {
  // the request as bytes
  'route-unknown': sender(
    404,
    'Indirizzo inesistente',
    'No such address',
    'Use /soap/{participant}/v{n}/{service}, /rest/{participant}/v{n}/{service}/..., /fanout/... like it, or /messages.',
  ),
  'method-not-allowed': sender(
    405,
    'Metodo non ammesso',
    'Method not allowed',
    'Use a method listed in the Allow header.',
  ),
  'media-type-unsupported': sender(
    415,
    'Tipo di contenuto non ammesso',
    'Media type not supported',
    'Send one of the media types that the fault lists.',
  ),
  'encoding-wrong': sender(
    400,
    'Codifica dei caratteri errata',
    'Wrong character encoding',
    'Encode the bytes as the declaration and Content-Type say; UTF-8 is best.',
  ),
  'digest-mismatch': sender(
    400,
    'Impronta errata',
    'Digest does not match',
    'Send the content again, with the digest of the bytes as they are sent (RFC 9530).',
  ),
  'consumer-gone': sender(
    499,
    'Connessione chiusa dal richiedente',
    'Closed by the consumer',
    'Ask again, and wait for the answer or ask for a shorter wait with Prefer: wait.',
  ),
  'too-large': sender(
    413,
    'Messaggio troppo grande',
    'Message too large',
    'Stay under the limit of the service, or send a reference to the document.',
  ),
  'request-timeout': {
    ...sender(408, 'Richiesta troppo lenta', 'Request too slow', 'Send the whole request inside the time limit.'),
    retryable: true,
  },
  'not-well-formed': sender(
    400,
    'Documento non ben formato',
    'Document not well-formed',
    'Correct the document at the line shown.',
  ),
  'dtd-forbidden': sender(
    400,
    'DTD non ammessa',
    'DTD not allowed',
    'Remove the DOCTYPE; messages carry no DTD and no entity declarations.',
  ),
  'too-deep': sender(
    400,
    'Documento troppo annidato',
    'Document nested too deeply',
    'Flatten the document to the depth that the fault names.',
  ),
  'too-complex': sender(
    400,
    'Documento troppo complesso',
    'Document too complex',
    'Send fewer elements, attributes or parts than the limit that the fault names.',
  ),
  'mime-malformed': sender(
    400,
    'Messaggio MIME malformato',
    'MIME message malformed',
    'Send multipart/related with a boundary, a root part and a Content-ID on each part (RFC 2387).',
  ),

  // the envelope
  'envelope-malformed': sender(
    400,
    'Busta malformata',
    'Envelope malformed',
    'Send one Envelope with at most one Header and one Body with one element.',
  ),
  'soap-version-mismatch': {
    ...sender(
      400,
      'Versione SOAP errata',
      'SOAP version mismatch',
      'Use the SOAP 1.1 or 1.2 envelope namespace with the media type that belongs to it.',
    ),
    soap: 'VersionMismatch',
  },
  'header-not-understood': {
    ...sender(
      400,
      'Intestazione obbligatoria non compresa',
      'Mandatory header not understood',
      'Leave out the header block, or its mustUnderstand flag.',
    ),
    soap: 'MustUnderstand',
  },
  'event-malformed': sender(
    400,
    'CloudEvent malformato',
    'CloudEvent malformed',
    'Give specversion 1.0, id, source and type (CloudEvents 1.0 §3.1).',
  ),
  'message-id-missing': sender(
    400,
    'Identificativo del messaggio assente',
    'Message id missing',
    'Send wsa:MessageID, an Idempotency-Key header or a CloudEvents id.',
  ),
  'message-id-malformed': sender(
    400,
    'Identificativo del messaggio non valido',
    'Message id not valid',
    'Use 1 to 255 visible characters, and the same id wherever it is repeated.',
  ),
  'duplicate-conflict': sender(
    409,
    'Identificativo già usato per un altro contenuto',
    'Message id already used with another body',
    'Give a new message a new id; repeat a message with the same bytes.',
  ),
} as const satisfies Record<string, FaultKind>;
