import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { Dialog } from '../../parts/dialog';
import { Field } from '../../parts/field';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { StateBadge } from '../../parts/state-badge';
import { useJobTexts } from './job-texts';

export type JobAction = 'retry' | 'discard';

interface Props {
  readonly action: JobAction;
  readonly filter: Schemas['DeliveryFilter'];
  readonly onClose: () => void;
}

/** So that a receiver that has just come back is not run over; nothing that was delivered. */
const GENTLY = { rate: 50, again: false };

/** Retries or discards everything that matches: first what that would be, then why, then the job with its progress. */
export function OrderJob({ action, filter, onClose }: Props) {
  const t = useJobTexts();
  const preview = useQuery({
    queryKey: ['job-preview', action, filter],
    queryFn: async ({ signal }) =>
      (await api.POST('/admin/jobs/preview', { body: { ...GENTLY, action, filter }, signal })).data!,
    staleTime: 0,
  });
  if (preview.data) return <Order action={action} preview={preview.data} onClose={onClose} />;
  return (
    <Dialog title={t(`${action}Title`)} onClose={onClose}>
      {preview.error ? <ProblemNote error={preview.error} again={() => void preview.refetch()} /> : <Loading />}
    </Dialog>
  );
}

interface OrderProps extends Pick<Props, 'action' | 'onClose'> {
  readonly preview: Schemas['JobPreview'];
}

function Order({ action, preview, onClose }: OrderProps) {
  const t = useJobTexts();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const { total, more, states, order, confirm } = preview;
  const give = useMutation({
    mutationFn: async (reason: string) => {
      const body = { ...GENTLY, action, filter: order.filter, reason, ...(confirm !== null && { confirm: typed }) };
      return (await api.POST('/admin/jobs', { body })).data!;
    },
    onSuccess: ({ id }) => navigate({ to: '/jobs/$id' as string, params: { id } as never }),
  });
  return (
    <ConfirmDialog
      title={t(`${action}Title`)}
      text={t(`${action}Text`)}
      confirm={t('order')}
      error={give.error}
      isPending={give.isPending || more || total === 0 || (confirm !== null && typed !== confirm)}
      onConfirm={(reason) => give.mutate(reason)}
      onClose={onClose}
    >
      <p role="status">
        <strong>{t('found', { count: total })}</strong> {more && t('tooMany')}
      </p>
      <ul>
        {Object.entries(states).map(([state, count]) => (
          <li key={state}>
            <StateBadge state={state} /> {count}
          </li>
        ))}
      </ul>
      {confirm !== null && (
        <Field
          name="confirm"
          label={t('typeToConfirm', { phrase: confirm })}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          required
        />
      )}
    </ConfirmDialog>
  );
}
