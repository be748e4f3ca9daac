import { usePartTexts } from '../../parts/part-texts';
import type { DocumentCheck, DocumentText } from './document-data';
import { useDocumentTexts } from './document-texts';

interface Props {
  readonly check: DocumentCheck;
  readonly base: DocumentText | null;
}

/** What the gateway found in a text: every problem with its line and what helps. */
export function DocumentProblems({ check: { problems, text }, base }: Props) {
  const t = useDocumentTexts();
  const part = usePartTexts();
  if (problems.length === 0) return <p data-verdict="right">{t(text === base?.text ? 'unchanged' : 'right')}</p>;
  return (
    <>
      <p data-verdict="wrong">
        <strong>{t('wrong', { count: problems.length })}</strong>
      </p>
      <ul className="console-violations">
        {problems.map(({ file, line, message, hint }, n) => (
          <li key={n}>
            <code>{line === null ? t('other', { file }) : part('line', { line })}</code> {message} ({hint})
          </li>
        ))}
      </ul>
    </>
  );
}
