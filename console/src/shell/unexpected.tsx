import { PageTitle } from '../parts/page-title';
import { ProblemNote } from '../parts/problem-note';
import { ProblemError } from '../api/problem';
import { useShellTexts } from './shell-texts';

/** Instead of a page that has thrown. */
export function Unexpected({ error }: { readonly error: unknown }) {
  const t = useShellTexts();
  return (
    <div className="p-4">
      <PageTitle>{t('unexpected')}</PageTitle>
      {error instanceof ProblemError ? (
        <ProblemNote error={error} />
      ) : (
        <>
          <p>{t('unexpectedText')}</p>
          <pre className="text-wrap">{error instanceof Error ? error.message : String(error)}</pre>
        </>
      )}
      <button type="button" className="btn btn-primary" onClick={() => window.location.reload()}>
        {t('reload')}
      </button>
    </div>
  );
}
