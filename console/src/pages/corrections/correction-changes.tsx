import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { api, type Schemas } from '../../api/client';
import { readContent } from '../../api/content';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useCorrectionTexts } from './correction-texts';

const DiffView = lazy(() => import('../../parts/diff-view'));

/** What the copy says otherwise than its original, on demand: each look is written to the audit log. */
export function CorrectionChanges({ correction: { id, messageId } }: { readonly correction: Schemas['Correction'] }) {
  const t = useCorrectionTexts();
  const read = useMutation({
    mutationFn: async () => {
      const [before, after] = await Promise.all([
        readContent(messageId),
        api.GET('/admin/corrections/{id}/content', { params: { path: { id } } }),
      ]);
      const { layOut } = await import('../../parts/lay-out');
      const { text, type } = after.data!;
      return { before: layOut(before.text ?? '', type), after: layOut(text, type), type };
    },
  });
  return (
    <section aria-labelledby="changes">
      <h2 id="changes" className="h5">
        {t('changes')}
      </h2>
      {!read.data && (
        <>
          <p>{t('changesText')}</p>
          <button
            type="button"
            className="btn btn-sm btn-primary"
            onClick={() => read.mutate()}
            disabled={read.isPending}
          >
            {t('showChanges')}
          </button>
        </>
      )}
      {read.error && <ProblemNote error={read.error} />}
      {read.data && (
        <>
          <p>{t('sinceDraft')}</p>
          <Suspense fallback={<Loading />}>
            <DiffView label={t('changesOf')} {...read.data} />
          </Suspense>
        </>
      )}
    </section>
  );
}
