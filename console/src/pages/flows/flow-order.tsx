import { api } from '../../api/client';
import { OrderDialog } from '../../parts/order-dialog';
import { useFlowTexts } from './flow-texts';

export interface FlowTurn {
  /** Of the agreement. */
  readonly id: string;
  readonly turn: 'suspend' | 'resume' | 'drain' | 'reopen';
}

/** Suspends, resumes, drains or reopens an agreement, after saying what that does. */
export function FlowOrder({ turn: { id, turn }, onClose }: { readonly turn: FlowTurn; readonly onClose: () => void }) {
  const t = useFlowTexts();
  const give = async (reason: string) => {
    const params = { path: { id }, query: { reason } };
    await api.POST(`/admin/agreements/{id}/${turn}` as '/admin/agreements/{id}/suspend', { params });
  };
  return (
    <OrderDialog
      title={t(`${turn}Title`)}
      text={t(`${turn}Text`)}
      confirm={t(turn)}
      give={give}
      changes={['flows']}
      onClose={onClose}
    >
      <p>
        <code>{id}</code>
      </p>
    </OrderDialog>
  );
}
