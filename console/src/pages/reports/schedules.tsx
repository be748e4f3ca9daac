import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import { DataTable, type Column } from '../../parts/data-table';
import { ProblemNote } from '../../parts/problem-note';
import { NewSchedule } from './new-schedule';
import { useReportTexts } from './report-texts';
import { useScheduleTexts } from './schedule-texts';

type Schedule = Schemas['ReportSchedule'];

interface Props {
  /** What a new schedule begins with. */
  readonly kind: Schedule['kind'];
  readonly by: Schedule['by'];
}

/** Reports that go out by mail: which, to whom, when. */
export function Schedules({ kind, by }: Props) {
  const t = useScheduleTexts();
  const [isNew, setNew] = useState(false);
  const { data, error, refetch } = hooks.useQuery('get', '/admin/report-schedules');
  const orders = useScheduleOrders();
  const columns = useScheduleColumns(orders);
  const failed = error ?? orders.send.error ?? orders.remove.error;
  return (
    <section aria-labelledby="schedules">
      <h2 id="schedules" className="h5">
        {t('title')}
      </h2>
      {failed && <ProblemNote error={failed} again={() => void refetch()} />}
      <p role="status">{orders.send.data && t('done', { to: orders.send.data.to.join(', ') })}</p>
      {data?.items.length === 0 && <p>{t('none')}</p>}
      {data && data.items.length > 0 && (
        <DataTable caption={t('table')} columns={columns} rows={data.items} rowId={({ id }) => id} />
      )}
      <button type="button" className="btn btn-sm btn-primary" onClick={() => setNew(true)}>
        {t('new')}
      </button>
      {isNew && <NewSchedule kind={kind} by={by} onClose={() => setNew(false)} />}
    </section>
  );
}

function useScheduleOrders() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ['get', '/admin/report-schedules'] });
  const send = useMutation({
    mutationFn: async (id: string) =>
      (await api.POST('/admin/report-schedules/{id}/send', { params: { path: { id } } })).data!,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE('/admin/report-schedules/{id}', { params: { path: { id } } }),
    onSettled,
  });
  return { send, remove };
}

function useScheduleColumns({ send, remove }: ReturnType<typeof useScheduleOrders>): readonly Column<Schedule>[] {
  const t = useScheduleTexts();
  const told = useReportTexts();
  const [sendNow, end, isSending] = [send.mutate, remove.mutate, send.isPending];
  return useMemo(
    () => [
      {
        id: 'report',
        header: t('report'),
        cell: ({ kind, by, format }) => `${told(`kind.${kind}`)}, ${told(`by.${by}`)} (${format.toUpperCase()})`,
      },
      { id: 'every', header: t('every'), cell: ({ every }) => t(`every.${every}`) },
      { id: 'to', header: t('to'), cell: ({ to }) => to.join(', ') },
      { id: 'owner', header: t('owner'), cell: ({ owner }) => owner },
      { id: 'next', header: t('next'), cell: ({ nextAt }) => <When at={nextAt} /> },
      {
        id: 'sent',
        header: t('sent'),
        cell: ({ sentAt, error }) =>
          error === null ? <When at={sentAt} ago /> : <strong>{t('error', { error })}</strong>,
      },
      {
        id: 'actions',
        header: t('actions'),
        cell: ({ id }) => (
          <div className="console-orders">
            <button
              type="button"
              className="btn btn-xs btn-outline-primary"
              disabled={isSending}
              onClick={() => sendNow(id)}
            >
              {t('send')}
            </button>
            <button type="button" className="btn btn-xs btn-outline-danger" onClick={() => end(id)}>
              {t('remove')}
            </button>
          </div>
        ),
      },
    ],
    [t, told, sendNow, end, isSending],
  );
}
