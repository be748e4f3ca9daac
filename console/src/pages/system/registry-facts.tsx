import { hooks } from '../../api/client';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { Facts } from './facts';
import { useSystemTexts } from './system-texts';

/** The registry in force, and why the newest is not. */
export function RegistryFacts() {
  const t = useSystemTexts();
  const { data, error, isPending } = hooks.useQuery('get', '/admin/registry', {}, { refetchInterval: 10_000 });
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
