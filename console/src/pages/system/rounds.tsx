import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { DataTable, type Column } from '../../parts/data-table';
import { useSystemTexts } from './system-texts';

type Round = Schemas['Round'];

/** Each kind of work, and the lease under which one node does it. */
const LEASES = {
  sweep: 'sweeper',
  uploads: 'sweeper',
  partitions: 'sweeper',
  retention: 'sweeper',
  jobs: 'jobs',
  statistics: 'statistics',
  alerts: 'alerts',
  reports: 'reports',
} as const satisfies Record<Round['name'], string>;

interface Row {
  readonly name: Round['name'];
  readonly last: Round | null;
  readonly holder: string | null;
}

/** What goes round by itself, with its last result on this node. */
export function Rounds({ system: { rounds, database } }: { readonly system: Schemas['System'] }) {
  const t = useSystemTexts();
  const { duration } = useNumbers();
  const rows = (Object.keys(LEASES) as Round['name'][]).map((name): Row => ({
    name,
    last: rounds.find((one) => one.name === name) ?? null,
    holder: database?.leases.find((lease) => lease.name === LEASES[name])?.owner ?? null,
  }));
  const columns = useMemo<readonly Column<Row>[]>(
    () => [
      { id: 'round', header: t('round'), cell: ({ name }) => t(`round.${name}`) },
      { id: 'last', header: t('last'), cell: ({ last }) => (last ? <When at={last.startedAt} ago /> : t('never')) },
      { id: 'took', header: t('took'), cell: ({ last }) => (last ? duration(last.ms) : '—') },
      { id: 'result', header: t('result'), cell: ({ last }) => (last ? <Result round={last} /> : '—') },
      { id: 'holder', header: t('holder'), cell: ({ holder }) => holder ?? '—' },
    ],
    [t, duration],
  );
  return (
    <section aria-labelledby="rounds">
      <h2 id="rounds" className="h5">
        {t('rounds')}
      </h2>
      <p className="console-quiet">{t('roundsText')}</p>
      <DataTable caption={t('rounds')} columns={columns} rows={rows} rowId={({ name }) => name} />
    </section>
  );
}

type Counted =
  | 'obeyed'
  | 'skipped'
  | 'refused'
  | 'due'
  | 'recovered'
  | 'expired'
  | 'purged'
  | 'dropped'
  | 'kept'
  | 'jobs'
  | 'conversations'
  | 'found';

function Result({ round: { done, fault } }: { readonly round: Round }) {
  const t = useSystemTexts();
  if (fault) return <>{t('failed', { code: fault })}</>;
  const counts = Object.entries(done).map(([name, count]) =>
    t(`done.${name as Counted | 'sent' | 'failed'}`, { count }),
  );
  return <>{counts.join('; ') || t('done')}</>;
}
