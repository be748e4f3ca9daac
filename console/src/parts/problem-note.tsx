import { Alert } from 'design-react-kit';
import { ProblemError } from '../api/problem';
import { useFaultWords } from './fault-words';
import { usePartTexts } from './part-texts';

interface Props {
  readonly error: unknown;
  /** Tries again; left out: there is no button. */
  readonly again?: () => void;
}

/** Why the gateway refused, in its own words, or that it is not reached. */
export function ProblemNote({ error, again }: Props) {
  const t = usePartTexts();
  return (
    <Alert color="danger" className="my-2">
      {error instanceof ProblemError ? <Refusal error={error} /> : <Unreachable />}
      {again && (
        <button type="button" className="btn btn-xs btn-outline-danger mt-2" onClick={again}>
          {t('again')}
        </button>
      )}
    </Alert>
  );
}

function Refusal({ error }: { readonly error: ProblemError }) {
  const t = usePartTexts();
  const words = useFaultWords(error.code);
  return (
    <>
      <strong>{error.title}</strong>
      {error.detail && (
        <p className="mb-1" lang="en">
          {error.detail}
        </p>
      )}
      {error.expected && (
        <p className="mb-1">
          {t('expected')}: <span lang="en">{error.expected}</span>
        </p>
      )}
      {words && <p className="mb-1">{words.remedy}</p>}
      {error.problems.length > 1 && (
        <ul className="console-violations">
          {error.problems.map(({ file, line, message, hint }, n) => (
            <li key={n}>
              <code>
                {file}:{line}
              </code>{' '}
              {message} ({hint})
            </li>
          ))}
        </ul>
      )}
      {error.retryAfter !== null && <p className="mb-1">{t('retryAfter', { count: error.retryAfter })}</p>}
      {error.code && (
        <p className="mb-0">
          {t('code')}: <code>{error.code}</code>
        </p>
      )}
    </>
  );
}

function Unreachable() {
  const t = usePartTexts();
  return (
    <>
      <strong>{t('unreachable')}</strong>
      <p className="mb-0">{t('unreachableText')}</p>
    </>
  );
}
