import { hooks } from '../../api/client';
import { useMay } from '../../api/session';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { DatabaseFacts } from './database-facts';
import { Maintenance } from './maintenance';
import { NodeFacts } from './node-facts';
import { RegistryFacts } from './registry-facts';
import { Rounds } from './rounds';
import { useSystemTexts } from './system-texts';

const EVERY = { refetchInterval: 10_000 };

/** How the node that answers is doing, what it stands on, and which registry it works by. */
export function Page() {
  const t = useSystemTexts();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <System />
      <Maintenance />
      <RegistryFacts />
      <p>
        <a href="/admin/metrics">{t('metrics')}</a>
      </p>
      <Diagnostics />
    </>
  );
}

function Diagnostics() {
  const t = useSystemTexts();
  const may = useMay();
  if (!may('gateway.diagnose')) return null;
  return (
    <>
      <a href="/admin/system/diagnostics" download className="btn btn-sm btn-outline-primary">
        {t('diagnostics')}
      </a>
      <p className="console-quiet">{t('diagnosticsText')}</p>
    </>
  );
}

function System() {
  const { data, error, isPending } = hooks.useQuery('get', '/admin/system', {}, EVERY);
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} />;
  return (
    <>
      <NodeFacts system={data} />
      <DatabaseFacts system={data} />
      <Rounds system={data} />
    </>
  );
}
