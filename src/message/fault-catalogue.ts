/** Who has to act: the sender, the receiver or those who run the gateway. */
export type Blame = 'sender' | 'receiver' | 'gateway';

export interface FaultKind {
  readonly blame: Blame;
  /** True where the same message may succeed later, unchanged. */
  readonly retryable: boolean;
  /** HTTP status of a REST refusal (RFC 9110); null where the fault never answers a request. */
  readonly http: number | null;
  /** SOAP fault code where it is not the one that `blame` gives (SOAP 1.1 §4.4.1, SOAP 1.2 Part 1 §5.4.6). */
  readonly soap?: 'VersionMismatch' | 'MustUnderstand';
  readonly it: string;
  readonly en: string;
  /** What the reader of docs/faults.md should do. */
  readonly remedy: string;
}

const sender = (http: number, it: string, en: string, remedy: string): FaultKind => ({
  blame: 'sender',
  retryable: false,
  http,
  it,
  en,
  remedy,
});
const gateway = (http: number, it: string, en: string, remedy: string): FaultKind => ({
  blame: 'gateway',
  retryable: true,
  http,
  it,
  en,
  remedy,
});
/** Of a delivery it answers nobody; of a query it answers who asks. */
const receiver = (http: number | null, retryable: boolean, it: string, en: string, remedy: string): FaultKind => ({
  blame: 'receiver',
  retryable,
  http,
  it,
  en,
  remedy,
});

/** Every refusal there is. docs/faults.md is generated from this table (`npm run docs`). */
export const FAULTS = {
  // who is calling
  'credentials-missing': sender(
    401,
    'Credenziali assenti',
    'Credentials missing',
    'Send an API key, HTTP Basic credentials or a registered TLS client certificate.',
  ),
  'credentials-wrong': sender(
    401,
    'Credenziali non valide',
    'Credentials not valid',
    'Check the key or password with the body that registered the system.',
  ),
  'credentials-repeated': sender(400, 'Credenziali ripetute', 'Credentials repeated', 'Send one credential, once.'),
  'document-unknown': sender(
    404,
    'Documento del registro sconosciuto',
    'Registry document unknown',
    'Use a kind, id and version that the registry lists.',
  ),
  'document-changed': sender(
    412,
    'Documento modificato nel frattempo',
    'Document changed meanwhile',
    'Read the document again and repeat the change with its ETag.',
  ),
  'precondition-missing': sender(
    428,
    'Precondizione assente',
    'Precondition missing',
    'Send If-Match with the ETag of the document that you read, or If-None-Match: * for a new one.',
  ),
  'registry-refused': sender(
    422,
    'Modifica del registro non valida',
    'Change of the registry not valid',
    'Correct each listed problem; nothing was changed.',
  ),
  'agreement-state-wrong': sender(
    409,
    'Stato dell’accordo incompatibile',
    'Agreement in another state',
    'Look at the state of the agreement; a revoked one is asked for anew.',
  ),
  'operator-unknown': sender(
    401,
    'Operatore non riconosciuto',
    'Operator not known',
    'Send Authorization: Bearer with CROCEVIA_ADMIN_TOKEN or the {id}.{secret} of an operator of the registry.',
  ),
  'operator-not-allowed': sender(
    403,
    'Operazione non consentita all’operatore',
    'Operator not allowed',
    'Ask those who run the platform for a role or a scope that covers it.',
  ),
  'sender-mismatch': sender(
    403,
    'Mittente diverso dal chiamante',
    'Sender is not the caller',
    'The sender named in the message must be the participant that authenticated.',
  ),
  'not-authorised': sender(
    403,
    'Nessun accordo di servizio',
    'No agreement allows this',
    'Ask the provider for an agreement on this service and operation.',
  ),
  'agreement-suspended': {
    ...sender(
      403,
      'Accordo sospeso',
      'Agreement suspended',
      'Wait until the provider resumes the agreement, then send again.',
    ),
    retryable: true,
  },
  'agreement-not-in-force': sender(
    403,
    'Accordo non in vigore',
    'Agreement not in force',
    'Send inside the validity dates of the agreement.',
  ),

  'rate-limited': {
    ...sender(
      429,
      'Troppi messaggi',
      'Too many messages',
      'Wait as long as Retry-After says; the agreement names the rate.',
    ),
    retryable: true,
  },
  'service-retired': sender(
    410,
    'Versione del servizio ritirata',
    'Service version retired',
    'Use a newer version of the service.',
  ),

  // the request as bytes
  'route-unknown': sender(
    404,
    'Indirizzo inesistente',
    'No such address',
    'Use /soap/{participant}/v{n}/{service}, /rest/{participant}/v{n}/{service}/... or /messages.',
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

  // later look-ups and the box
  'message-unknown': sender(
    404,
    'Messaggio sconosciuto',
    'Message unknown',
    'Use an id that this gateway gave to your own system.',
  ),
  'question-unknown': sender(
    404,
    'Domanda sconosciuta',
    'Question unknown',
    'Answer on the node that handed the question out, as the same system; see docs/protocols/questions.md.',
  ),
  'question-expired': sender(
    410,
    'Domanda scaduta',
    'Question past its deadline',
    'Nobody waits for this answer any more; answer before X-Deadline.',
  ),
  'lease-lost': sender(
    409,
    'Prenotazione scaduta',
    'Lease lost',
    'Fetch the message again and acknowledge it within the lease.',
  ),
  'parameter-wrong': sender(400, 'Parametro non valido', 'Parameter not valid', 'Use a value that the fault lists.'),

  // the gateway itself
  'registry-stale': gateway(
    503,
    'Registro non aggiornato',
    'Registry out of date',
    'Send again later: this node cannot see whether agreements have changed.',
  ),
  'store-unavailable': gateway(
    503,
    'Registro non disponibile',
    'Ledger not available',
    'Repeat the message with the same id after the time in Retry-After.',
  ),
  overloaded: gateway(
    503,
    'Gateway sovraccarico',
    'Gateway overloaded',
    'Repeat the message with the same id after the time in Retry-After.',
  ),
  'broker-unavailable': gateway(
    503,
    'Smistamento non disponibile',
    'Broker not available',
    'Ask again after the time in Retry-After.',
  ),
  stopping: gateway(
    503,
    'Gateway in arresto',
    'Gateway stopping',
    'Repeat the message with the same id after the time in Retry-After.',
  ),
  internal: gateway(
    500,
    'Errore interno',
    'Internal error',
    'Repeat the message with the same id; tell the operator if it stays.',
  ),

  // on the way out
  'receiver-unreachable': receiver(
    502,
    true,
    'Destinatario non raggiungibile',
    'Receiver not reachable',
    'The gateway retries; the receiver must open its endpoint.',
  ),
  'receiver-timeout': receiver(
    504,
    true,
    'Il destinatario non risponde',
    'Receiver timed out',
    'The gateway retries; the receiver must answer inside its time limit.',
  ),
  'receiver-error': receiver(
    502,
    true,
    'Errore del destinatario',
    'Receiver failed',
    'The gateway retries; the receiver must look at its own log.',
  ),
  'receiver-refused': receiver(
    422,
    false,
    'Rifiutato dal destinatario',
    'Refused by the receiver',
    'Sender and receiver must agree on the content; an operator may send it again.',
  ),
  'receiver-overloaded': receiver(
    503,
    true,
    'Sistema interrogato sovraccarico',
    'Answering system overloaded',
    'Ask again after the time in Retry-After; as many questions wait for that system as it allows.',
  ),
  'circuit-open': receiver(
    503,
    true,
    'Sistema interrogato sospeso',
    'Answering system suspended',
    'Ask again after the time in Retry-After; the system has failed repeatedly and is called only as a probe.',
  ),
  'query-timeout': receiver(
    504,
    true,
    'Nessuna risposta in tempo',
    'No answer in time',
    'Ask again; the body that answers must look at why its system is slow.',
  ),
  'answer-invalid': receiver(
    502,
    false,
    'Risposta non conforme allo schema',
    'Answer not valid against the published schema',
    'The body that answers must correct its system; each error is listed with its place.',
  ),
  'delivery-expired': receiver(
    null,
    false,
    'Tempo dell’accordo scaduto',
    'Time of the agreement is over',
    'Send again if the content is still of use.',
  ),
  'mediation-failed': {
    ...receiver(
      502,
      false,
      'Conversione impossibile',
      'Conversion not possible',
      'The published schemas do not let this content be converted for the receiver.',
    ),
    blame: 'gateway',
  },
  'destination-missing': {
    ...receiver(
      502,
      true,
      'Recapito non configurato',
      'Destination not configured',
      'The operator must register how the system receives.',
    ),
    blame: 'gateway',
  },
} as const satisfies Record<string, FaultKind>;

export type FaultCode = keyof typeof FAULTS;
