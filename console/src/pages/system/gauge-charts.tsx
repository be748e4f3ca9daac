import { lazy, Suspense, useMemo } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useSystemTexts } from './system-texts';

const Chart = lazy(() => import('../../parts/chart'));

const EVERY = { refetchInterval: 60_000 };
const SHOWN_MS = 86_400_000;
const COLOURS = { data: '#004d99', payloads: '#7a4b00' } as const;

type Points = Schemas['GaugeHistory']['points'];

/** How the node that answers was doing since its start, in the last day. */
export function GaugeCharts() {
  const t = useSystemTexts();
  const { data, error, dataUpdatedAt } = hooks.useQuery('get', '/admin/system/history', {}, EVERY);
  const range = useMemo(() => [dataUpdatedAt - SHOWN_MS, dataUpdatedAt] as const, [dataUpdatedAt]);
  return (
    <section aria-labelledby="history">
      <h3 id="history" className="h6">
        {t('history')}
      </h3>
      <p className="console-quiet">{t('historyText')}</p>
      {error && <ProblemNote error={error} />}
      {data && (
        <Suspense fallback={<Loading />}>
          <Charts points={data.points} range={range} />
        </Suspense>
      )}
    </section>
  );
}

function Charts({ points, range }: { readonly points: Points; readonly range: readonly [number, number] }) {
  const t = useSystemTexts();
  const { bytes, count } = useNumbers();
  const percent = useMemo(() => (value: number) => `${count(value)} %`, [count]);
  const lines = useMemo(
    () => ({
      times: points.map(({ at }) => at),
      memory: [{ name: t('memory'), colour: COLOURS.data, values: points.map(({ memory }) => memory) }],
      busy: [{ name: t('busy'), colour: COLOURS.data, values: points.map(({ busy }) => busy) }],
      disks: (['data', 'payloads'] as const)
        .map((place) => ({ name: t(`disk.${place}`), colour: COLOURS[place], values: freeAt(points, place) }))
        .filter(({ values }) => values.some((value) => value !== null)),
    }),
    [points, t],
  );
  const { times } = lines;
  return (
    <div className="console-charts">
      <Chart title={t('memory')} times={times} lines={lines.memory} format={bytes} range={range} />
      <Chart title={t('busy')} times={times} lines={lines.busy} format={percent} range={range} />
      {lines.disks.length > 0 && (
        <Chart title={t('freeSpace')} times={times} lines={lines.disks} format={bytes} range={range} />
      )}
    </div>
  );
}

const freeAt = (points: Points, place: keyof typeof COLOURS) =>
  points.map(({ disks }) => disks.find((disk) => disk.place === place)?.free ?? null);
