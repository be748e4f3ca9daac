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

const HOUR_MS = 3_600_000;
const PERIODS_MS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS, '30d': 720 * HOUR_MS } as const;
/** As far back as the gateway tells of queues. */
const QUEUES_MS = 6 * HOUR_MS;

interface Props {
  readonly situation: Schemas['Situation'];
  readonly period: keyof typeof PERIODS_MS;
}

export function Traffic({ situation: { at, traffic, queues }, period }: Props) {
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
  const ranges = useMemo(() => {
    const to = Date.parse(at);
    const back = (ms: number) => [to - ms, to] as const;
    return { asked: back(PERIODS_MS[period]), queues: back(Math.min(QUEUES_MS, PERIODS_MS[period])) };
  }, [at, period]);
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
        <Chart title={t('traffic')} times={times} lines={outcomes} format={count} range={ranges.asked} />
        <Chart title={t('latency')} times={times} lines={latency} format={duration} range={ranges.asked} />
        <Chart title={t('depth')} times={looked} lines={depth} format={count} range={ranges.queues} />
        <Chart title={t('age')} times={looked} lines={age} format={duration} range={ranges.queues} />
      </div>
    </Suspense>
  );
}
