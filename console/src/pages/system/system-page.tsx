import { hooks } from '../../api/client';
import { texts } from '../../i18n/texts';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';

const useSystemTexts = texts(
  'system',
  {
    title: 'Sistema',
    node: 'Questo nodo',
    version: 'Versione',
    name: 'Nodo',
    roles: 'Ruoli',
    store: 'Archivio',
    broker: 'Broker',
    'broker.up': 'collegato',
    'broker.down': 'non raggiungibile: i messaggi sono accettati e partono quando torna',
    'broker.blocked': 'bloccato: {{why}}',
    registry: 'Registro',
    revision: 'Revisione in vigore',
    systems: 'Sistemi',
    services: 'Servizi',
    problems: 'Perché gli ultimi documenti non sono in vigore',
    metrics: 'Metriche (Prometheus)',
  },
  {
    title: 'System',
    node: 'This node',
    version: 'Version',
    name: 'Node',
    roles: 'Roles',
    store: 'Store',
    broker: 'Broker',
    'broker.up': 'connected',
    'broker.down': 'not reachable: messages are accepted and go out when it is back',
    'broker.blocked': 'blocked: {{why}}',
    registry: 'Registry',
    revision: 'Revision in force',
    systems: 'Systems',
    services: 'Services',
    problems: 'Why the newest documents are not in force',
    metrics: 'Metrics (Prometheus)',
  },
);

const EVERY = { refetchInterval: 10_000 };

/** How the node that answers is doing, and which registry it works by. */
export function Page() {
  const t = useSystemTexts();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <NodeFacts />
      <RegistryFacts />
      <p>
        <a href="/admin/metrics">{t('metrics')}</a>
      </p>
    </>
  );
}

function NodeFacts() {
  const t = useSystemTexts();
  const { data, error, isPending } = hooks.useQuery('get', '/admin/node', {}, EVERY);
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
        ]}
      />
    </section>
  );
}

function RegistryFacts() {
  const t = useSystemTexts();
  const { data, error, isPending } = hooks.useQuery('get', '/admin/registry', {}, EVERY);
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} />;
  return (
    <section aria-labelledby="registry">
      <h2 id="registry" className="h5">
        {t('registry')}
      </h2>
      <Facts
        facts={[
          [t('revision'), data.revision],
          [t('systems'), String(data.systems)],
          [t('services'), String(data.services)],
        ]}
      />
      {data.problems && data.problems.length > 0 && (
        <>
          <h3 className="h6">{t('problems')}</h3>
          <ul>
            {data.problems.map(({ file, line, message, hint }, n) => (
              <li key={n}>
                <code>
                  {file}:{line}
                </code>{' '}
                {message} ({hint})
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const Facts = ({ facts }: { readonly facts: readonly (readonly [string, string])[] }) => (
  <dl className="console-facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
