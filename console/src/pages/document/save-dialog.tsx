import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { ProblemError } from '../../api/problem';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { Loading } from '../../parts/loading';
import { saveDocument, type DocumentCheck, type DocumentText, type Place } from './document-data';
import { useDocumentTexts } from './document-texts';

const DiffView = lazy(() => import('../../parts/diff-view'));

interface Props {
  readonly place: Place;
  /** What stands there; null: nothing. */
  readonly base: DocumentText | null;
  readonly check: DocumentCheck;
  readonly isRestored: boolean;
  readonly onSaved: () => void;
  readonly onConflict: () => void;
  readonly onClose: () => void;
}

/** Shows what changes and asks why, before it is written. */
export function SaveDialog({ place, base, check, isRestored, onSaved, onConflict, onClose }: Props) {
  const t = useDocumentTexts();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (reason: string) => saveDocument(place, check.document!, base, reason),
    onSuccess: async () => {
      // Many pages show what a document says.
      await client.invalidateQueries();
      onSaved();
    },
    onError: (error) => error instanceof ProblemError && error.code === 'document-changed' && onConflict(),
  });
  const name = isRestored ? 'restore' : 'save';
  return (
    <ConfirmDialog
      wide
      title={t(`${name}Title`)}
      text={t(`${name}Text`)}
      confirm={t(`${name}Confirm`)}
      error={save.error}
      isPending={save.isPending}
      onConfirm={(reason) => save.mutate(reason)}
      onClose={onClose}
    >
      <Suspense fallback={<Loading />}>
        <DiffView label={t('difference')} before={base?.text ?? ''} after={check.text ?? ''} type="application/yaml" />
      </Suspense>
    </ConfirmDialog>
  );
}
