import type { Schemas } from '../../api/client';
import { useJobTexts } from './job-texts';

/** How far a job is, as a bar and in words. */
export function Progress({ job: { total, done, skipped, failed, waiting } }: { readonly job: Schemas['Job'] }) {
  const t = useJobTexts();
  return (
    <div>
      <progress max={Math.max(1, total)} value={total - waiting} aria-label={t('progress')} />
      <small className="d-block">{t('progressText', { done, skipped, failed, waiting, total })}</small>
    </div>
  );
}
