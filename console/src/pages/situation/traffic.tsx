import { lazy, Suspense, useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { Loading } from '../../parts/loading';
import { useSituationTexts } from './situation-texts';

const Chart = lazy(() => import('../../parts/chart'));

const OUTCOMES = [
  ['accepted', '#004d99'],
  ['delivered', '#00703c'],
  ['rejected', '#b3162c'],
  ['failed', '#7a4b00'],
  ['answered', '#6a3d9a'],
] as const;

export function Traffic({ situation: { traffic, queues } }: { readonly situation: Schemas['Situation'] }) {
  const t = useSituationTexts();
  const { count, duration } = useNumbers();
  const times = useMemo(() => traffic.map(({ at }) => at), [traffic]);
  const outcomes = useMemo(
    () =>
      OUTCOMES.map(([name, colour]) => ({
        name: t(name),
        colour,
        values: traffic.map(({ counts }) => (counts as Readonly<Record<string, number>>)[name] ?? 0),
      })),
    [traffic, t],
  );
  const latency = useMemo(
    () =>
      (
        [
          ['p50', '#004d99'],
          ['p95', '#7a4b00'],
          ['p99', '#b3162c'],
        ] as const
      ).map(([name, colour]) => ({ name, colour, values: traffic.map((point) => point[name]) })),
    [traffic],
  );
  const looked = useMemo(() => queues.map(({ at }) => at), [queues]);
  const depth = useMemo(
    () => [{ name: t('depth'), colour: '#004d99', values: queues.map((point) => point.depth) }],
    [queues, t],
  );
  const age = useMemo(
    () => [{ name: t('age'), colour: '#7a4b00', values: queues.map(({ ageSeconds }) => ageSeconds * 1_000) }],
    [queues, t],
  );
  return (
    <Suspense fallback={<Loading />}>
      <div className="console-charts">
        <Chart title={t('traffic')} times={times} lines={outcomes} format={count} />
        <Chart title={t('latency')} times={times} lines={latency} format={duration} />
        <Chart title={t('depth')} times={looked} lines={depth} format={count} />
        <Chart title={t('age')} times={looked} lines={age} format={duration} />
      </div>
    </Suspense>
  );
}
