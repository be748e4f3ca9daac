import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { useQueueTexts } from './queue-texts';

export interface QueueTurn {
  readonly system: string;
  readonly turn: 'pause' | 'resume' | 'release';
}

/** Holds back, lets go or tries at once what waits for a system, after saying what that does. */
export function QueueOrder({
  turn: { system, turn },
  onClose,
}: {
  readonly turn: QueueTurn;
  readonly onClose: () => void;
}) {
  const t = useQueueTexts();
  const client = useQueryClient();
  const give = useMutation({
    mutationFn: async (reason: string) => {
      const params = { path: { id: system }, query: { reason } };
      if (turn === 'pause') await api.POST('/admin/systems/{id}/pause', { params });
      else if (turn === 'resume') await api.POST('/admin/systems/{id}/resume', { params });
      else await api.POST('/admin/queues/{id}/release', { params });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['queues'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t(`${turn}Title`)}
      text={t(`${turn}Text`)}
      confirm={t(turn)}
      error={give.error}
      isPending={give.isPending}
      onConfirm={(reason) => give.mutate(reason)}
      onClose={onClose}
    >
      <p>
        <code>{system}</code>
      </p>
    </ConfirmDialog>
  );
}
