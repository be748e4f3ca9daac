import { texts } from '../i18n/texts';

const useStateTexts = texts(
  'states',
  {
    ACCEPTED: 'in corso',
    COMPLETED: 'consegnato',
    PARTIALLY_FAILED: 'in parte fallito',
    REJECTED: 'rifiutato',
    ANSWERED: 'risposto',
    ASKED: 'in attesa di risposta',
    QUEUED: 'in coda',
    DELIVERING: 'in consegna',
    AVAILABLE: 'da ritirare',
    DELIVERED: 'consegnato',
    WAITING_RETRY: 'da ritentare',
    SUSPENDED: 'sospeso',
    FAILED: 'fallito',
    EXPIRED: 'scaduto',
    CANCELLED: 'annullato',
    COLLECTING: 'in preparazione',
    PROPOSED: 'da approvare',
    RUNNING: 'in esecuzione',
    PAUSED: 'in pausa',
    DONE: 'terminato',
    SENDING: 'in invio',
    SENT: 'inviato',
    REFUSED: 'rifiutato dal gateway',
    test: 'prova',
  },
  {
    ACCEPTED: 'under way',
    COMPLETED: 'delivered',
    PARTIALLY_FAILED: 'partly failed',
    REJECTED: 'refused',
    ANSWERED: 'answered',
    ASKED: 'waiting for an answer',
    QUEUED: 'queued',
    DELIVERING: 'being delivered',
    AVAILABLE: 'to be fetched',
    DELIVERED: 'delivered',
    WAITING_RETRY: 'to be retried',
    SUSPENDED: 'suspended',
    FAILED: 'failed',
    EXPIRED: 'expired',
    CANCELLED: 'cancelled',
    COLLECTING: 'being prepared',
    PROPOSED: 'to be approved',
    RUNNING: 'running',
    PAUSED: 'paused',
    DONE: 'done',
    SENDING: 'being sent',
    SENT: 'sent',
    REFUSED: 'refused by the gateway',
    test: 'test',
  },
);

const GOOD = ['COMPLETED', 'DELIVERED', 'ANSWERED', 'DONE', 'SENT'];
const BAD = ['FAILED', 'EXPIRED', 'REJECTED', 'PARTIALLY_FAILED', 'REFUSED'];
const HELD = ['SUSPENDED', 'WAITING_RETRY', 'PAUSED', 'PROPOSED', 'CANCELLED'];

const TONES = { good: ['success', '✓'], bad: ['danger', '✕'], held: ['warning', '‖'], open: ['primary', '→'] } as const;

function toneOf(state: string): keyof typeof TONES {
  if (GOOD.includes(state)) return 'good';
  if (BAD.includes(state)) return 'bad';
  return HELD.includes(state) ? 'held' : 'open';
}

/** A state in words, with a sign and a colour that say the same. */
export function StateBadge({ state }: { readonly state: string }) {
  const t = useStateTexts();
  const [colour, sign] = TONES[toneOf(state)];
  return (
    <span className={`console-state console-state-${colour}`} data-state={state}>
      <span aria-hidden="true">{sign}</span> {t(state as never)}
    </span>
  );
}

/** The words of states, for choices. */
export function useStateNames(): (state: string) => string {
  const t = useStateTexts();
  return (state) => t(state as never);
}

/** Says that an operator has sent the message to try the way; nothing of any other. */
export function TestBadge({ isTest = false }: { readonly isTest?: boolean | undefined }) {
  const t = useStateTexts();
  return isTest ? <span data-test-message> ({t('test')})</span> : null;
}
