import { lazy, Suspense, useMemo } from 'react';
import { hooks } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useQueueTexts } from './queue-texts';

const Chart = lazy(() => import('../../parts/chart'));

/** As far back as the gateway tells of queues. */
const SHOWN_MS = 21_600_000;

/** How many waited for one system, and for how long, in the last six hours. */
export function QueueChart({ system }: { readonly system: string }) {
  const t = useQueueTexts();
  const { count, duration } = useNumbers();
  const params = { params: { path: { id: system } } };
  const { data, error, dataUpdatedAt } = hooks.useQuery('get', '/admin/queues/{id}/series', params);
  const lines = useMemo(() => {
    const points = data?.points ?? [];
    return {
      times: points.map(({ at }) => at),
      depth: [{ name: t('depth'), colour: '#004d99', values: points.map(({ depth }) => depth) }],
      age: [{ name: t('age'), colour: '#7a4b00', values: points.map(({ ageSeconds }) => ageSeconds * 1_000) }],
    };
  }, [data, t]);
  const range = useMemo(() => [dataUpdatedAt - SHOWN_MS, dataUpdatedAt] as const, [dataUpdatedAt]);
  return (
    <section aria-label={t('seriesOf', { system })} className="mb-3">
      <h2 className="h5">{t('seriesOf', { system })}</h2>
      {error && <ProblemNote error={error} />}
      {data && (
        <Suspense fallback={<Loading />}>
          <div className="console-charts">
            <Chart title={t('depth')} times={lines.times} lines={lines.depth} format={count} range={range} />
            <Chart title={t('age')} times={lines.times} lines={lines.age} format={duration} range={range} />
          </div>
        </Suspense>
      )}
    </section>
  );
}
