import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, type Schemas } from '../../api/client';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { Dialog } from '../../parts/dialog';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { StateBadge } from '../../parts/state-badge';
import { useJobTexts } from './job-texts';

interface Props {
  readonly filter: Schemas['DeliveryFilter'];
  readonly onClose: () => void;
}

/** So that a receiver that has just come back is not run over; nothing that was delivered. */
const GENTLY = { rate: 50, again: false };

/** Retries everything that matches: first what that would be, then why, then the job with its progress. */
export function OrderJob({ filter, onClose }: Props) {
  const t = useJobTexts();
  const preview = useQuery({
    queryKey: ['job-preview', filter],
    queryFn: async ({ signal }) =>
      (await api.POST('/admin/jobs/preview', { body: { ...GENTLY, action: 'retry', filter }, signal })).data!,
    staleTime: 0,
  });
  if (preview.data) return <Order preview={preview.data} onClose={onClose} />;
  return (
    <Dialog title={t('orderTitle')} onClose={onClose}>
      {preview.error ? <ProblemNote error={preview.error} again={() => void preview.refetch()} /> : <Loading />}
    </Dialog>
  );
}

function Order({ preview, onClose }: { readonly preview: Schemas['JobPreview']; readonly onClose: () => void }) {
  const t = useJobTexts();
  const navigate = useNavigate();
  const { total, more, states, order } = preview;
  const give = useMutation({
    mutationFn: async (reason: string) =>
      (await api.POST('/admin/jobs', { body: { ...GENTLY, action: order.action, filter: order.filter, reason } }))
        .data!,
    onSuccess: ({ id }) => navigate({ to: '/jobs/$id' as string, params: { id } as never }),
  });
  return (
    <ConfirmDialog
      title={t('orderTitle')}
      text={t('orderText')}
      confirm={t('order')}
      error={give.error}
      isPending={give.isPending || more || total === 0}
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
    </ConfirmDialog>
  );
}
