import type { Schemas } from '../api/client';
import { useFaultWords } from './fault-words';
import { usePartTexts } from './part-texts';

/** A refusal as the gateway explains it, with each error of the document at its line. */
export function FaultView({ fault }: { readonly fault: Schemas['Fault'] }) {
  const t = usePartTexts();
  const words = useFaultWords(fault.code);
  return (
    <div className="console-fault">
      <p className="mb-1">
        {words && <strong>{words.title}</strong>} <code>{fault.code}</code>
      </p>
      <p className="mb-1" lang="en">
        {fault.detail}
      </p>
      <dl className="console-facts">
        {words && (
          <>
            <dt>{t('remedy')}</dt>
            <dd>{words.remedy}</dd>
          </>
        )}
        <dt>{t('blame')}</dt>
        <dd>{t(`blame.${fault.blame}`)}</dd>
        <dt>{t('retryable')}</dt>
        <dd>{fault.retryable ? t('yes') : t('no')}</dd>
        {fault.place && (
          <>
            <dt>{t('place')}</dt>
            <dd>
              <code>{fault.place}</code>
            </dd>
          </>
        )}
        {fault.expected && (
          <>
            <dt>{t('expected')}</dt>
            <dd lang="en">{fault.expected}</dd>
          </>
        )}
      </dl>
      {fault.violations.length > 0 && (
        <ol className="console-violations">
          {fault.violations.map((one, n) => (
            <li key={n}>
              {one.line !== null && <strong>{t('line', { line: one.line })} </strong>}
              <code>{one.path}</code> <span lang="en">{one.message}</span>{' '}
              <span>
                {t('expected')}: <span lang="en">{one.expected}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
      {fault.truncated && <p>{t('truncated')}</p>}
    </div>
  );
}
