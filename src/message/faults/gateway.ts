import { gateway, receiver, sender, type FaultKind } from './kind.js';

/** Later look-ups and the box, and the gateway itself. */
export const GATEWAY_FAULTS = {
  'certificate-status-unknown': gateway(
    503,
    'Stato del certificato client non verificabile',
    'Status of the client certificate cannot be had',
    'Try again later; those who run the gateway renew the revocation list or look after the OCSP responder.',
  ),
  'issuer-unavailable': gateway(
    503,
    'Chiavi dell’emittente dei token non raggiungibili',
    'Keys of the token issuer cannot be had',
    'Try again later, or use a token of the gateway itself; those who run the gateway see in its log why the keys are away.',
  ),
  // later look-ups and the box
  'message-unknown': sender(
    404,
    'Messaggio sconosciuto',
    'Message unknown',
    'Use an id that this gateway gave to your own system.',
  ),
  'content-purged': sender(
    410,
    'Contenuto non più conservato',
    'Content no longer kept',
    'Its days are over (see retention in docs/operations.md); send a new message if it is still wanted.',
  ),
  'answer-pending': receiver(
    404,
    true,
    'Risposta non ancora pervenuta',
    'No answer yet',
    'Ask the status resource again later; it leads to the answer once there is one.',
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
  'delivery-state-wrong': sender(
    409,
    'Stato della consegna non adatto',
    'Delivery in another state',
    'Look at the message again: what is delivered is sent anew only with again=true, and only what waits can be cancelled.',
  ),
  'alert-unknown': sender(
    404,
    'Segnalazione sconosciuta',
    'Incident or rule unknown',
    'Use an id that GET /admin/alerts or GET /admin/alerts/rules lists for this operator.',
  ),
  'alert-state-wrong': sender(
    409,
    'Stato della segnalazione non adatto',
    'Incident in another state',
    'A resolved incident is over; look at GET /admin/alerts?state=open.',
  ),
  'report-schedule-unknown': sender(
    404,
    'Invio periodico sconosciuto',
    'Report schedule unknown',
    'Use an id that GET /admin/report-schedules lists for this operator.',
  ),
  'report-schedule-limit': sender(
    409,
    'Troppi invii periodici',
    'Too many report schedules',
    'Delete one that nobody reads any more.',
  ),
  'mail-missing': gateway(
    409,
    'Posta elettronica non configurata',
    'No mail server is set',
    'Those who run the gateway set CROCEVIA_SMTP_URL, CROCEVIA_ALERT_FROM and CROCEVIA_ALERT_TO.',
  ),
  'mail-not-taken': gateway(
    502,
    'Il server di posta non ha accettato il messaggio',
    'The mail server did not take the mail',
    'Look at what the mail server said; the addresses may be wrong, or the server away.',
  ),
  'job-unknown': sender(
    404,
    'Rielaborazione sconosciuta',
    'Job unknown',
    'Use the id of a job that GET /admin/jobs lists for this operator.',
  ),
  'job-state-wrong': sender(
    409,
    'Stato della rielaborazione non adatto',
    'Job in another state',
    'Look at the job again: what runs can be paused, what is paused resumed, what has ended only read.',
  ),
  'correction-unknown': sender(
    404,
    'Correzione sconosciuta',
    'Correction unknown',
    'Use an id that `GET /admin/corrections` tells; the correction has to be in the scope of the operator.',
  ),
  'correction-state-wrong': sender(
    409,
    'Stato della correzione non adatto',
    'Correction in another state',
    'Look at the correction again: what is proposed can be approved or rejected, what is decided only read.',
  ),
  'correction-impossible': sender(
    409,
    'Messaggio non correggibile',
    'Message cannot be corrected',
    'The detail says what stands against it; let the sending system send a new message instead.',
  ),
  'confirmation-missing': sender(
    428,
    'Conferma mancante',
    'Confirmation missing',
    'Ask for a preview of the order and send its `confirm` along: the receivers get twice what was delivered to them.',
  ),
  'test-would-be-live': sender(
    409,
    'Il messaggio di prova andrebbe a un altro ente',
    'The test message would go to another body',
    'Send it to a system of the same body, or say `live=true` where the receiver knows of it.',
  ),
  'filter-too-wide': sender(
    422,
    'Filtro troppo ampio',
    'Filter too wide',
    'Name a receiver, a cause or a shorter time, and make several jobs.',
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
  'query-unfinished': gateway(
    503,
    'Esito non registrato',
    'End of the question unknown',
    'Ask again: the gateway stopped before it could write down an answer, and gave none.',
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
  maintenance: gateway(
    503,
    'Gateway in manutenzione',
    'Gateway in maintenance',
    'Repeat the message with the same id after the time in Retry-After; what was accepted before goes on being delivered.',
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
} as const satisfies Record<string, FaultKind>;
