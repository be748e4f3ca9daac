import { usePartTexts } from './part-texts';

export function Loading() {
  const t = usePartTexts();
  return (
    <p role="status" className="console-loading">
      <span className="spinner-border spinner-border-sm" aria-hidden="true" /> {t('loading')}
    </p>
  );
}
