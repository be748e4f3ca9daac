import { useRef } from 'react';
import { api } from '../../api/client';
import { OrderDialog } from '../../parts/order-dialog';
import { useQueueTexts } from './queue-texts';

export interface QueueTurn {
  readonly system: string;
  readonly turn: 'pause' | 'resume' | 'release' | 'priority';
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
  const priority = useRef<HTMLInputElement>(null);
  const give = async (reason: string) => {
    const params = { path: { id: system }, query: { reason } };
    if (turn === 'pause') await api.POST('/admin/systems/{id}/pause', { params });
    else if (turn === 'resume') await api.POST('/admin/systems/{id}/resume', { params });
    else if (turn === 'release') await api.POST('/admin/queues/{id}/release', { params });
    else
      await api.POST('/admin/queues/{id}/priority', {
        params: { ...params, query: { reason, priority: Number(priority.current?.value ?? 0) } },
      });
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
      {turn === 'priority' && (
        <label className="console-field mb-3">
          {t('priorityField')}
          <input ref={priority} type="number" min={0} max={9} defaultValue={9} required className="form-control" />
        </label>
      )}
    </OrderDialog>
  );
}
