import { lazy, Suspense } from 'react';
import { api, type Schemas } from '../../api/client';
import { readContent } from '../../api/content';
import { Loading } from '../../parts/loading';
import { OnDemand } from '../../parts/on-demand';
import { useCorrectionTexts } from './correction-texts';

const DiffView = lazy(() => import('../../parts/diff-view'));

/** What the copy says otherwise than its original, on demand: each look is written to the audit log. */
export function CorrectionChanges({ correction: { id, messageId } }: { readonly correction: Schemas['Correction'] }) {
  const t = useCorrectionTexts();
  const read = async () => {
    const [before, after] = await Promise.all([
      readContent(messageId),
      api.GET('/admin/corrections/{id}/content', { params: { path: { id } } }),
    ]);
    const { layOut } = await import('../../parts/lay-out');
    const { text, type } = after.data!;
    return { before: layOut(before.text ?? '', type), after: layOut(text, type), type };
  };
  return (
    <section aria-labelledby="changes">
      <h2 id="changes" className="h5">
        {t('changes')}
      </h2>
      <OnDemand text={t('changesText')} button={t('showChanges')} read={read}>
        {(both) => (
          <>
            <p>{t('sinceDraft')}</p>
            <Suspense fallback={<Loading />}>
              <DiffView label={t('changesOf')} {...both} />
            </Suspense>
          </>
        )}
      </OnDemand>
    </section>
  );
}
