import { hooks, type Schemas } from '../../api/client';
import { DocumentLink } from '../../parts/document-link';
import { ProblemNote } from '../../parts/problem-note';
import { useMay } from '../../api/session';
import { ConnectivityTest } from '../onboarding/connectivity-step';
import type { SystemDocument } from '../onboarding/registry-documents';
import { useQueueTexts } from '../queues/queue-texts';
import { useParticipantPageTexts } from './participant-texts';

interface Props {
  readonly participant: string;
  readonly systems: readonly SystemDocument[];
}

/** Its systems, how they stand now, and whether they can be reached. */
export function Systems({ participant, systems }: Props) {
  const t = useParticipantPageTexts();
  const params = { params: { query: { entity: participant, limit: 100 } as never } };
  const { data, error } = hooks.useQuery('get', '/admin/queues', params);
  return (
    <section aria-labelledby="systems">
      <h2 id="systems" className="h5">
        {t('systems')}
      </h2>
      {error && <ProblemNote error={error} />}
      {systems.length === 0 && <p>{t('noSystems')}</p>}
      {systems.map((system) => (
        <System key={system.id} system={system} queue={data?.items.find((one) => one.system === system.id)} />
      ))}
    </section>
  );
}

interface SystemProps {
  readonly system: SystemDocument;
  readonly queue: Schemas['QueuePage']['items'][number] | undefined;
}

function System({ system: { id, paused, receives, provides = [] }, queue }: SystemProps) {
  const t = useParticipantPageTexts();
  const stateOf = useQueueTexts();
  const may = useMay();
  const facts = [
    ['receives', [receives?.channel ?? '—', receives?.url].join(' ')],
    ['offers', provides.map(({ service, version }) => `${service} v${version}`).join(', ') || '—'],
    ['health', paused ? t('paused') : queue ? stateOf(`state.${queue.state}`) : '—'],
    ['waiting', String(queue?.depth ?? 0)],
  ] as const;
  return (
    <article aria-label={id} className="mb-3">
      <h3 className="h6">{id}</h3>
      <dl className="console-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        <DocumentLink kind="system" id={id} />
      </p>
      {may('system.test') && <ConnectivityTest system={id} />}
    </article>
  );
}
