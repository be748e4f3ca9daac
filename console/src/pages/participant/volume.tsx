import { hooks } from '../../api/client';
import { useMay } from '../../api/session';
import { ProblemNote } from '../../parts/problem-note';
import { useParticipantPageTexts } from './participant-texts';

const DAYS_MS = 29 * 86_400_000;
const ROME = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' });
const COLUMNS = ['messages', 'questions', 'refused', 'bytes'] as const;

/** What it has sent and received in 30 days; tests are not counted. */
export function Volume({ participant }: { readonly participant: string }) {
  const t = useParticipantPageTexts();
  const may = useMay();
  const to = ROME.format(new Date());
  const from = ROME.format(new Date(Date.now() - DAYS_MS));
  const params = { path: { kind: 'volumes' }, query: { by: 'participant', from, to } } as never;
  const { data, error } = hooks.useQuery(
    'get',
    '/admin/reports/{kind}',
    { params },
    { enabled: may('statistics.read') },
  );
  const report = data as { columns: readonly { name: string }[]; rows: readonly (readonly unknown[])[] } | undefined;
  const row = report?.rows.find(([id]) => id === participant);
  const valueOf = (name: string) => Number(row?.[report?.columns.findIndex((one) => one.name === name) ?? -1] ?? 0);
  return (
    <section aria-labelledby="volume">
      <h2 id="volume" className="h5">
        {t('volume')}
      </h2>
      {error && <ProblemNote error={error} />}
      <dl className="console-totals">
        {COLUMNS.map((name) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{valueOf(name)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
