import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { useFlowTexts } from './flow-texts';

export interface FlowTurn {
  /** Of the agreement. */
  readonly id: string;
  readonly turn: 'suspend' | 'resume' | 'drain' | 'reopen';
}

/** Suspends, resumes, drains or reopens an agreement, after saying what that does. */
export function FlowOrder({ turn: { id, turn }, onClose }: { readonly turn: FlowTurn; readonly onClose: () => void }) {
  const t = useFlowTexts();
  const client = useQueryClient();
  const give = useMutation({
    mutationFn: async (reason: string) => {
      const params = { path: { id }, query: { reason } };
      await api.POST(`/admin/agreements/{id}/${turn}` as '/admin/agreements/{id}/suspend', { params });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['flows'] });
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
        <code>{id}</code>
      </p>
    </ConfirmDialog>
  );
}
