import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { When } from '../../i18n/when';
import { useLiveRefresh } from '../../live/use-live';
import type { Column } from '../../parts/data-table';
import { Loading } from '../../parts/loading';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { StateBadge } from '../../parts/state-badge';
import { MessageLink } from '../messages/message-columns';
import { JobOrders } from './job-orders';
import { Progress } from './progress';
import { useJobTexts } from './job-texts';

type Item = Schemas['JobItemPage']['items'][number];

/** One job: its order, its progress, what became of each item. */
export function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const params = { params: { path: { id } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/jobs/{id}', params, {
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 2_000),
  });
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} again={() => void refetch()} />;
  return <JobView job={data} />;
}

const isOver = ({ state }: Schemas['Job']) => ['DONE', 'CANCELLED', 'REJECTED'].includes(state);

function JobView({ job }: { readonly job: Schemas['Job'] }) {
  const t = useJobTexts();
  const facts = [
    [t('state'), <StateBadge key="state" state={job.state} />],
    [t('action'), t(`action.${job.action as 'retry'}`)],
    [t('who'), job.operator],
    [t('why'), job.reason],
    [t('when'), <When key="when" at={job.createdAt} ago />],
    [t('rate'), job.rate],
    [t('filter'), <code key="filter">{JSON.stringify(job.filter)}</code>],
    ...(job.approveBefore ? [[t('proposed'), <When key="before" at={job.approveBefore} ago />]] : []),
  ] as const;
  return (
    <>
      <PageTitle aside={<JobOrders job={job} />}>{t('job', { id: job.id.slice(-8) })}</PageTitle>
      <dl className="console-facts">
        {facts.map(([name, value]) => (
          <div key={String(name)}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div role="status">
        <Progress job={job} />
      </div>
      <Items id={job.id} />
      <History job={job} />
    </>
  );
}

function Items({ id }: { readonly id: string }) {
  const t = useJobTexts();
  const pages = usePages(['job-items', id], async (cursor, signal) => {
    const query = { limit: 100, ...(cursor && { cursor }) };
    return (await api.GET('/admin/jobs/{id}/items', { params: { path: { id }, query }, signal })).data!;
  });
  useLiveRefresh(['job-items', id]);
  const columns = useMemo<readonly Column<Item>[]>(
    () => [
      { id: 'n', header: t('n'), cell: ({ n }) => n },
      {
        id: 'message',
        header: t('message'),
        cell: ({ messageId }) => <MessageLink id={messageId} shown={messageId} />,
      },
      { id: 'receiver', header: t('receiver'), cell: ({ receiver }) => receiver ?? '—' },
      { id: 'seen', header: t('seen'), cell: ({ seen }) => <StateBadge state={seen} /> },
      { id: 'result', header: t('result'), cell: ({ result }) => t(`result.${result as 'done'}`) },
      { id: 'why', header: t('reasonOf'), cell: ({ why }) => why ?? '—' },
      { id: 'now', header: t('now'), cell: ({ state }) => (state ? <StateBadge state={state} /> : '—') },
    ],
    [t],
  );
  return (
    <section aria-labelledby="items">
      <h2 id="items" className="h5">
        {t('items')}
      </h2>
      <PageTable pages={pages} caption={t('items')} columns={columns} rowId={({ n }) => String(n)} />
    </section>
  );
}

function History({ job: { history } }: { readonly job: Schemas['Job'] }) {
  const t = useJobTexts();
  return (
    <section aria-labelledby="history">
      <h2 id="history" className="h5">
        {t('history')}
      </h2>
      <ol>
        {history.map(({ act, by, at, reason }, n) => (
          <li key={n}>
            <When at={at} /> · {act} · {by} {reason && `· ${reason}`}
          </li>
        ))}
      </ol>
    </section>
  );
}
