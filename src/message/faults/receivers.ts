import { receiver, type FaultKind } from './kind.js';

const WHO_REPEATS = 'The gateway sends a message again, who asked a question asks it again';

/** On the way out, to who receives or answers. */
export const RECEIVER_FAULTS = {
  'receiver-unreachable': receiver(
    502,
    true,
    'Destinatario non raggiungibile',
    'Receiver not reachable',
    `${WHO_REPEATS}; the receiver must open its endpoint.`,
  ),
  'certificate-expired': receiver(
    502,
    true,
    'Certificato scaduto',
    'Certificate expired',
    'The receiver must renew the certificate of its endpoint. Messages wait and burn no attempt; the gateway looks again by itself, after a tenth of the time they have waited (30 seconds to 15 minutes), and when the registry changes.',
  ),
  'receiver-timeout': receiver(
    504,
    true,
    'Il destinatario non risponde',
    'Receiver timed out',
    `${WHO_REPEATS}; the receiver must answer inside its time limit.`,
  ),
  'receiver-error': receiver(
    502,
    true,
    'Errore del destinatario',
    'Receiver failed',
    `${WHO_REPEATS}; the receiver must look at its own log.`,
  ),
  'receiver-refused': receiver(
    422,
    false,
    'Rifiutato dal destinatario',
    'Refused by the receiver',
    'Sender and receiver must agree on the content; an operator may send it again.',
  ),
  'receiver-paused': receiver(
    503,
    true,
    'Sistema destinatario in pausa',
    'Receiving system paused',
    'An operator holds it back. Messages are taken and wait; ask again later.',
  ),
  'delivery-cancelled': receiver(
    null,
    false,
    'Consegna annullata',
    'Delivery cancelled',
    'Ask those who run the gateway why; send a new message if it is still wanted.',
  ),
  'receiver-overloaded': receiver(
    503,
    true,
    'Sistema interrogato sovraccarico',
    'Answering system overloaded',
    'Ask again after the time in Retry-After: too many questions wait for that system, or it takes none at present.',
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
  'sequence-gap': {
    ...receiver(
      null,
      true,
      'Manca un messaggio precedente della conversazione',
      'An earlier message of the conversation is missing',
      'Send the message with the missing number; after 15 minutes the conversation goes on without it.',
    ),
    blame: 'sender',
  },
  'sequence-passed': {
    ...receiver(
      null,
      false,
      'Superato nella conversazione',
      'Overtaken in its conversation',
      'A later number of the conversation was sent to the receiver before this one came; send it anew under the next number.',
    ),
    blame: 'sender',
  },
  'delivery-expired': receiver(
    null,
    false,
    'Tempo dell’accordo scaduto',
    'Time of the agreement is over',
    'Send again if the content is still of use.',
  ),
  'delivery-abandoned': {
    ...receiver(
      null,
      false,
      'Consegna abbandonata',
      'Delivery given up',
      'Who runs the gateway looks why its process ended, or lost the database, each time while this was under way, and then retries it.',
    ),
    blame: 'gateway',
  },
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
  'destination-forbidden': {
    ...receiver(
      502,
      true,
      'Recapito non consentito',
      'Destination not allowed',
      'The registered address is private, of this machine or of the network’s own; who runs the gateway names its network in CROCEVIA_ALLOWED_NETWORKS, or registers another address. Messages wait and burn no attempt.',
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
