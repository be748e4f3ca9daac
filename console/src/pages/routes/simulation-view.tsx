import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import { DataTable, type Column } from '../../parts/data-table';
import { FaultView } from '../../parts/fault-view';
import { useFaultWords } from '../../parts/fault-words';
import { useRouteTexts } from './route-texts';

type Route = Schemas['SimulatedRoute'];
type Decision = Schemas['RouteDecision'];

const STATIONS = ['identify', 'represent', 'resolve', 'authorise'] as const;
const DAY_S = 86_400;

/** What would become of the message, each decision, and each receiver. */
export function SimulationView({ simulation }: { readonly simulation: Schemas['RouteSimulation'] }) {
  const t = useRouteTexts();
  const { wouldBe, decisions, routes } = simulation;
  return (
    <div data-verdict={wouldBe}>
      <p role="status" className="h5">
        {t(`wouldBe.${wouldBe}`)}
      </p>
      <section aria-labelledby="decisions">
        <h2 id="decisions" className="h5">
          {t('decisions')}
        </h2>
        <ol className="console-steps">
          {STATIONS.map((station) => (
            <Step key={station} station={station} decision={decisions.find((one) => one.station === station)} />
          ))}
        </ol>
      </section>
      {routes.length > 0 && <Routes routes={routes} />}
    </div>
  );
}

interface StepProps {
  readonly station: (typeof STATIONS)[number];
  readonly decision: Decision | undefined;
}

function Step({ station, decision }: StepProps) {
  const t = useRouteTexts();
  const verdict = decision ? (decision.fault ? 'refused' : 'passed') : 'notReached';
  const colour = { refused: 'danger', passed: 'success', notReached: 'primary' }[verdict];
  return (
    <li data-station={station} data-verdict={verdict}>
      <strong>{t(`station.${station}`)}</strong>{' '}
      <span className={`console-state console-state-${colour}`}>{t(verdict)}</span>
      <dl className="console-facts">
        {Object.entries(decision?.facts ?? {}).map(([name, value]) => (
          <div key={name}>
            <dt>{t(`fact.${name}` as 'fact.system')}</dt>
            <dd>{value || '—'}</dd>
          </div>
        ))}
      </dl>
      {decision?.fault && <FaultView fault={decision.fault} />}
    </li>
  );
}

function Routes({ routes }: { readonly routes: readonly Route[] }) {
  const t = useRouteTexts();
  const columns = useMemo<readonly Column<Route>[]>(
    () => [
      { id: 'participant', header: t('participant'), cell: ({ participant }) => participant },
      { id: 'system', header: t('fact.system'), cell: ({ system }) => system },
      {
        id: 'agreement',
        header: t('agreement'),
        cell: ({ agreement }) => (agreement ? `${agreement.id} (${agreement.status})` : t('noAgreement')),
      },
      { id: 'channel', header: t('channel'), cell: ({ channel }) => channel ?? t('noChannel') },
      { id: 'then', header: t('then'), cell: (route) => <Then route={route} /> },
    ],
    [t],
  );
  return (
    <section aria-labelledby="routes">
      <h2 id="routes" className="h5">
        {t('routes')}
      </h2>
      <DataTable caption={t('routes')} columns={columns} rows={routes} rowId={({ system }) => system} />
    </section>
  );
}

/** What becomes of it at one receiver. */
function Then({ route: { fault, paused, circuitUntil, priority, ordered, expiresAfter } }: { readonly route: Route }) {
  const t = useRouteTexts();
  const words = useFaultWords(fault?.code);
  if (fault)
    return (
      <>
        <code>{fault.code}</code> {words?.title} <span lang="en">{fault.detail}</span>
      </>
    );
  const more = [
    priority !== null && t('priorityIs', { priority }),
    ordered && t('ordered'),
    expiresAfter !== null && t('expires', { days: Math.round((expiresAfter / DAY_S) * 10) / 10 }),
  ].filter(Boolean);
  return (
    <>
      {paused && t('paused')}
      {!paused && circuitUntil && (
        <>
          {t('spared')} <When at={circuitUntil} />
        </>
      )}
      {!paused && !circuitUntil && t('delivered')}; {more.join(', ')}
    </>
  );
}
