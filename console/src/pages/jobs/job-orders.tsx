import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay, useSession } from '../../api/session';
import { OrderDialog } from '../../parts/order-dialog';
import { useJobTexts } from './job-texts';

type Turn = 'approve' | 'reject' | 'pause' | 'resume' | 'cancel';

const OFFERED: Readonly<Record<string, readonly Turn[]>> = {
  PROPOSED: ['approve', 'reject'],
  RUNNING: ['pause', 'cancel'],
  PAUSED: ['resume', 'cancel'],
};

/** What may be done about a job now; who has ordered it never decides on it. */
export function JobOrders({ job }: { readonly job: Schemas['Job'] }) {
  const t = useJobTexts();
  const may = useMay();
  const own = useSession()?.operator.id === job.operator;
  const [turn, setTurn] = useState<Turn | null>(null);
  const turns = (OFFERED[job.state] ?? []).filter((one) => !own || !['approve', 'reject'].includes(one));
  if (!may('messages.resend')) return null;
  return (
    <div className="console-orders">
      {turns.map((one) => (
        <button key={one} type="button" className="btn btn-xs btn-outline-primary" onClick={() => setTurn(one)}>
          {t(one)}
        </button>
      ))}
      {turn && <TurnDialog id={job.id} turn={turn} onClose={() => setTurn(null)} />}
    </div>
  );
}

function TurnDialog({ id, turn, onClose }: { readonly id: string; readonly turn: Turn; readonly onClose: () => void }) {
  const t = useJobTexts();
  const give = async (reason: string) => {
    const params = { path: { id }, query: { reason } };
    await api.POST(`/admin/jobs/{id}/${turn}` as '/admin/jobs/{id}/pause', { params });
  };
  return (
    <OrderDialog
      title={t('sure', { turn: t(turn) })}
      text={t(`${turn}Text`)}
      confirm={t(turn)}
      give={give}
      changes={[]}
      onClose={onClose}
    />
  );
}
