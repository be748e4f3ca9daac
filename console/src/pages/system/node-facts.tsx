import { hooks, type Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { Facts } from './facts';
import { Gauge } from './gauge';
import { GaugeCharts } from './gauge-charts';
import { useSystemTexts } from './system-texts';

type System = Schemas['System'];

/** The process that answers, its memory and its disks. */
export function NodeFacts({ system }: { readonly system: System }) {
  const t = useSystemTexts();
  const { duration } = useNumbers();
  const { data, error, isPending } = hooks.useQuery('get', '/admin/node', {}, { refetchInterval: 10_000 });
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} />;
  const up = t(data.brokerConnected ? 'broker.up' : 'broker.down');
  const broker = data.brokerBlocked ? t('broker.blocked', { why: data.brokerBlocked }) : up;
  return (
    <section aria-labelledby="node">
      <h2 id="node" className="h5">
        {t('node')}
      </h2>
      <Facts
        facts={[
          [t('version'), data.version],
          [t('name'), data.node],
          [t('roles'), data.roles.join(', ')],
          [t('store'), data.store],
          [t('broker'), `${data.broker}: ${broker}`],
          [t('nodejs'), system.nodejs],
          [t('startedAt'), <When at={system.startedAt} />],
          [t('uptime'), duration(Date.parse(system.at) - Date.parse(system.startedAt))],
          [t('payloads'), t(`payloads.${system.payloads}`)],
        ]}
      />
      <Gauges system={system} />
      <GaugeCharts />
    </section>
  );
}

function Gauges({ system: { memory, disks } }: { readonly system: System }) {
  const t = useSystemTexts();
  const { bytes } = useNumbers();
  return (
    <>
      <h3 className="h6">{t('gauges')}</h3>
      <dl className="console-gauges">
        <Gauge
          name={t('memory')}
          text={t('used', { used: bytes(memory.used), size: bytes(memory.size) })}
          used={memory.used}
          size={memory.size}
        />
        {disks.map(({ place, free, size }) => (
          <Gauge
            key={place}
            name={t(`disk.${place}`)}
            text={t('free', { free: bytes(free), size: bytes(size) })}
            used={size - free}
            size={size}
          />
        ))}
      </dl>
      {disks.length === 0 && <p className="console-quiet">{t('noDisk')}</p>}
    </>
  );
}
