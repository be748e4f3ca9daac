import { lazy, Suspense } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { Changes } from './changes';
import { typeOf, useFileText } from './interface-files';
import { useServiceTexts } from './service-texts';

const DiffView = lazy(() => import('../../parts/diff-view'));

/** What has changed from another version to this one: for senders, and in the files. */
export function VersionComparison({ service }: { readonly service: Schemas['ServiceVersion'] }) {
  const t = useServiceTexts();
  const [search, change] = useSearchState();
  const others = service.versions.filter(({ version }) => version !== service.version);
  const from = others.find(({ version }) => String(version) === search['from'])?.version;
  return (
    <section aria-labelledby="compare">
      <h2 id="compare" className="h5">
        {t('compare')}
      </h2>
      {others.length === 0 ? (
        <p>{t('oneVersion')}</p>
      ) : (
        <label className="console-filter">
          {t('compareWith')}
          <select
            className="form-select form-select-sm"
            value={from ?? ''}
            onChange={(event) => change({ from: event.target.value || undefined }, true)}
          >
            <option value="">{t('none')}</option>
            {others.map(({ version, status }) => (
              <option key={version} value={version}>
                {version} ({t(`status.${status}`)})
              </option>
            ))}
          </select>
        </label>
      )}
      {from !== undefined && (
        <>
          <Compatibility id={service.id} version={service.version} from={from} />
          <FileDifference service={service} from={from} />
        </>
      )}
    </section>
  );
}

interface CompatibilityProps {
  readonly id: string;
  readonly version: number;
  readonly from: number;
}

function Compatibility({ id, version, from }: CompatibilityProps) {
  const t = useServiceTexts();
  const params = { params: { path: { id, version }, query: { from } } };
  const { data, error, isPending, refetch } = hooks.useQuery(
    'get',
    '/admin/services/{id}/versions/{version}/compatibility',
    params,
  );
  return (
    <>
      <h3 className="h6 mt-3">{t('changes')}</h3>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && <Changes changes={data.changes} />}
    </>
  );
}

/** The file that is shown, as it was and as it is. */
function FileDifference({ service, from }: { readonly service: Schemas['ServiceVersion']; readonly from: number }) {
  const t = useServiceTexts();
  const [search] = useSearchState();
  const params = { params: { path: { id: service.id, version: from } } };
  const other = hooks.useQuery('get', '/admin/services/{id}/versions/{version}', params);
  const paths = Object.keys(service.stored.files).sort();
  const path = paths.find((one) => one === search['file']) ?? paths[0] ?? '';
  const isThere = other.data !== undefined && path in other.data.stored.files;
  const before = useFileText({ id: service.id, version: from, path }, isThere);
  const after = useFileText({ id: service.id, version: service.version, path }, isThere);
  const label = t('difference', { path, from, to: service.version });
  const error = other.error ?? before.error ?? after.error;
  return (
    <>
      <h3 className="h6 mt-3">{label}</h3>
      {error && <ProblemNote error={error} />}
      {other.data && !isThere && <p>{t('notThere', { version: from, path })}</p>}
      {before.data !== undefined && after.data !== undefined && (
        <Suspense fallback={<Loading />}>
          <DiffView label={label} before={before.data} after={after.data} type={typeOf(path)} />
        </Suspense>
      )}
    </>
  );
}
