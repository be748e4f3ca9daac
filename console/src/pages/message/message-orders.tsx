import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { useMessageDetailTexts } from './message-texts';

type Order = 'retry' | 'cancel';

const RETRIED = ['FAILED', 'EXPIRED'];
const WAITING = ['QUEUED', 'WAITING_RETRY', 'SUSPENDED', 'AVAILABLE'];

/** What may be done about a message, offered only where it would do something. */
export function MessageOrders({ message }: { readonly message: Schemas['MessageDetail'] }) {
  const t = useMessageDetailTexts();
  const may = useMay();
  const [asked, setAsked] = useState<Order | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const states = message.deliveries.map(({ state }) => state as string);
  const offered = (
    [
      ['retry', RETRIED],
      ['cancel', WAITING],
    ] as const
  ).filter(([, of]) => states.some((state) => of.includes(state)));
  const finish = (count: number) => {
    setAsked(null);
    setDone(count);
  };
  return (
    <div className="console-orders">
      {may('messages.resend') &&
        offered.map(([order]) => (
          <button key={order} type="button" className="btn btn-xs btn-outline-primary" onClick={() => setAsked(order)}>
            {t(order)}
          </button>
        ))}
      {may('messages.correct') && (
        <Link
          to={'/messages/$id/correct' as string}
          params={{ id: message.id } as never}
          className="btn btn-xs btn-outline-primary"
        >
          {t('correct')}
        </Link>
      )}
      <span role="status">{done !== null && t('done', { count: done })}</span>
      {asked && <OrderDialog id={message.id} order={asked} onClose={() => setAsked(null)} onDone={finish} />}
    </div>
  );
}

interface Answer {
  /** Of a job. */
  readonly id?: string;
  readonly items?: readonly { readonly done: boolean }[];
}

interface DialogProps {
  readonly id: string;
  readonly order: Order;
  readonly onClose: () => void;
  readonly onDone: (count: number) => void;
}

function OrderDialog({ id, order, onClose, onDone }: DialogProps) {
  const t = useMessageDetailTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const give = useMutation({
    mutationFn: async (reason: string) => {
      const params = { path: { id }, query: { reason } };
      const { data } =
        order === 'retry'
          ? await api.POST('/admin/messages/{id}/retry', { params })
          : await api.POST('/admin/messages/{id}/cancel', { params });
      return data as Answer | undefined;
    },
    onSuccess: async (answer) => {
      await client.invalidateQueries();
      // With four eyes the order is a job that waits for another operator.
      if (answer?.id) await navigate({ to: '/jobs/$id' as string, params: { id: answer.id } as never });
      else onDone(answer?.items?.filter(({ done }) => done).length ?? 0);
    },
  });
  return (
    <ConfirmDialog
      title={t(order === 'retry' ? 'retryTitle' : 'cancelTitle')}
      text={t(order === 'retry' ? 'retryText' : 'cancelText')}
      confirm={t(order)}
      error={give.error}
      isPending={give.isPending}
      onConfirm={(reason) => give.mutate(reason)}
      onClose={onClose}
    />
  );
}
