import { keepPreviousData } from '@tanstack/react-query';
import { hooks, type Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { useLiveRefresh } from '../../live/use-live';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { AttentionList } from './attention-list';
import { useSituationTexts } from './situation-texts';
import { Traffic } from './traffic';

/** The first is what the gateway takes where nothing is said. */
const PERIODS = ['24h', '1h', '7d', '30d'] as const;

/** The first page: what needs a person, then what flows. */
export function Page() {
  const t = useSituationTexts();
  const [{ entity, period }] = useSearchState();
  const query = { params: { query: { ...(entity && { entity }), ...(period && { period: period as never }) } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/situation', query, {
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  useLiveRefresh(['get', '/admin/situation']);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="entity" label={t('entity')} />
        <ChoiceFilter name="period" label={t('period')} choices={PERIODS.map((one) => [one, one])} isRequired />
      </FilterBar>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && (
        <>
          <AttentionList items={data.attention} />
          <Totals situation={data} />
          <Traffic situation={data} period={PERIODS.find((one) => one === period) ?? PERIODS[0]} />
        </>
      )}
    </>
  );
}

const SHOWN = ['accepted', 'delivered', 'rejected', 'failed', 'expired', 'asked', 'answered', 'unanswered'] as const;

function Totals({ situation: { totals, latency } }: { readonly situation: Schemas['Situation'] }) {
  const t = useSituationTexts();
  const { count, duration } = useNumbers();
  const counts = totals as Readonly<Record<string, number>>;
  return (
    <section aria-labelledby="totals">
      <h2 id="totals" className="h5">
        {t('totals')}
      </h2>
      <dl className="console-totals">
        {SHOWN.map((name) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{count(counts[name] ?? 0)}</dd>
          </div>
        ))}
        {(['p50', 'p95', 'p99'] as const).map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{latency[name] === null ? '—' : duration(latency[name])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
