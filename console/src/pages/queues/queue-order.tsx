import { api } from '../../api/client';
import { OrderDialog } from '../../parts/order-dialog';
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
  const give = async (reason: string) => {
    const params = { path: { id: system }, query: { reason } };
    if (turn === 'pause') await api.POST('/admin/systems/{id}/pause', { params });
    else if (turn === 'resume') await api.POST('/admin/systems/{id}/resume', { params });
    else await api.POST('/admin/queues/{id}/release', { params });
  };
  return (
    <OrderDialog
      title={t(`${turn}Title`)}
      text={t(`${turn}Text`)}
      confirm={t(turn)}
      give={give}
      changes={['queues']}
      onClose={onClose}
    >
      <p>
        <code>{system}</code>
      </p>
    </OrderDialog>
  );
}
