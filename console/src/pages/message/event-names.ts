import type { Schemas } from '../../api/client';
import type { Language } from '../../i18n/texts';

type Name = Schemas['Timeline']['entries'][number]['event'];

/** What each event is called, Italian and English. */
const NAMES: Readonly<Record<string, readonly [it: string, en: string]>> = {
  'message.accepted': ['Accettato', 'Accepted'],
  'message.rejected': ['Rifiutato', 'Refused'],
  'message.duplicate': ['Ripetuto dal mittente', 'Repeated by the sender'],
  'message.completed': ['Consegnato a tutti', 'Delivered to all'],
  'message.partially-failed': ['Concluso, non per tutti', 'Ended, not for all'],
  'message.viewed': ['Contenuto visto da un operatore', 'Content viewed by an operator'],
  'message.noted': ['Nota di un operatore', 'Note of an operator'],
  'message.corrected': ['Copia corretta inviata', 'Edited copy sent'],
  'message.purged': ['Contenuto eliminato', 'Content purged'],
  'message.answered': ['Risposto', 'Answered'],
  'query.asked': ['Richiesta ricevuta', 'Question taken'],
  'query.answered': ['Risposta consegnata', 'Answer handed on'],
  'query.failed': ['Nessuna risposta', 'No answer'],
  'query.kept': ['Risposta conservata', 'Answer kept'],
  'query.late': ['Risposta in ritardo', 'Late answer'],
  'delivery.published': ['Messo in coda', 'Queued'],
  'delivery.claimed': ['Preso in carico', 'Claimed'],
  'delivery.delivered': ['Consegnato', 'Delivered'],
  'delivery.available': ['Disponibile per il ritiro', 'Ready to be fetched'],
  'delivery.leased': ['Ritirato dalla casella', 'Fetched from the box'],
  'delivery.released': ['Restituito alla casella', 'Given back to the box'],
  'delivery.retry-scheduled': ['Tentativo fallito, si riprova', 'Attempt failed, to be retried'],
  'delivery.held': ['Aspetta il suo turno', 'Waits for its turn'],
  'delivery.suspended': ['Sospeso', 'Suspended'],
  'delivery.requeued': ['Rimesso in coda', 'Queued again'],
  'delivery.retried': ['Rimandato da un operatore', 'Sent anew by an operator'],
  'delivery.failed': ['Fallito', 'Failed'],
  'delivery.expired': ['Scaduto', 'Expired'],
  'delivery.cancelled': ['Annullato', 'Cancelled'],
  'receipt.queued': ['Ricevuta pronta', 'Receipt written'],
  'receipt.delivered': ['Ricevuta consegnata', 'Receipt delivered'],
  'receipt.failed': ['Ricevuta non consegnata', 'Receipt not delivered'],
};

/** The event itself where it has no name yet. */
export const eventName = (event: Name, language: Language): string =>
  NAMES[event]?.[language === 'it' ? 0 : 1] ?? event;
