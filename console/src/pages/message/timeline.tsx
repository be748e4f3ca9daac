import type { Schemas } from '../../api/client';
import { hooks } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { useLiveRefresh } from '../../live/use-live';
import { FaultView } from '../../parts/fault-view';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { eventName } from './event-names';
import { useLanguage } from '../../i18n/texts';
import { useMessageDetailTexts } from './message-texts';

type Entry = Schemas['Timeline']['entries'][number];

/** What happened to a message, in order, as it happens. */
export function Timeline({ id }: { readonly id: string }) {
  const t = useMessageDetailTexts();
  const params = { params: { path: { id } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/messages/{id}/timeline', params);
  useLiveRefresh(['get', '/admin/messages/{id}/timeline', params], ({ messageId }) => messageId === id);
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline" className="h5">
        {t('timeline')}
      </h2>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      <ol className="console-timeline">
        {data?.entries.map((entry, n) => (
          <Step key={n} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Step({ entry }: { readonly entry: Entry }) {
  const t = useMessageDetailTexts();
  const [language] = useLanguage();
  const { duration } = useNumbers();
  return (
    <li data-event={entry.event}>
      <p className="mb-0">
        <strong>{eventName(entry.event, language)}</strong> {entry.receiver && `→ ${entry.receiver}`}
      </p>
      <p className="console-quiet">
        <When at={entry.at} /> · {t('after', { duration: duration(entry.after) })} · {t('by', { who: entry.by })}
      </p>
      {entry.attempt && <Attempt attempt={entry.attempt} />}
      {entry.nextAttemptAt && (
        <p className="mb-0">
          {t('next')}: <When at={entry.nextAttemptAt} ago />
        </p>
      )}
      {entry.reason && <p className="mb-0">{t('because', { reason: entry.reason })}</p>}
      {entry.stations && <Stations stations={entry.stations} />}
      {entry.fault && <FaultView fault={entry.fault} />}
    </li>
  );
}

function Attempt({ attempt }: { readonly attempt: Schemas['Attempt'] }) {
  const t = useMessageDetailTexts();
  const numbers = useNumbers();
  const duration = numbers.duration(attempt.duration);
  return (
    <div>
      <p className="mb-0">
        {t('attempt', { number: attempt.number, target: attempt.target })} —{' '}
        {t(outcomeOf(attempt), { status: attempt.status ?? '', duration })}
      </p>
      {attempt.response && <pre className="console-answer">{attempt.response}</pre>}
      {attempt.fault && <FaultView fault={attempt.fault} />}
    </div>
  );
}

/** A box and a queue answer nothing: what no fault says is done. */
function outcomeOf({ status, fault, target }: Schemas['Attempt']) {
  if (status !== null) return 'answered';
  if (fault) return 'noAnswer';
  return target === 'box' ? 'boxed' : 'queued';
}

function Stations({ stations }: { readonly stations: NonNullable<Entry['stations']> }) {
  const t = useMessageDetailTexts();
  const { duration } = useNumbers();
  return (
    <ul className="console-stations" aria-label={t('stations')}>
      {stations.map(({ station, ms }) => (
        <li key={station}>
          {station} {duration(ms)}
        </li>
      ))}
    </ul>
  );
}
