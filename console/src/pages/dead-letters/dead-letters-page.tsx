import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { useLiveRefresh } from '../../live/use-live';
import { DataTable, type Column } from '../../parts/data-table';
import { useFaultWords } from '../../parts/fault-words';
import { FilterBar, TextFilter } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { MessageLink } from '../messages/message-columns';
import { OrderJob, type JobAction } from '../jobs/order-job';
import { useDeadLetterTexts } from './dead-letter-texts';

type Group = Schemas['DeadLetters']['groups'][number];

interface Chosen {
  readonly group: Group;
  readonly action: JobAction;
}

/** What has failed or expired, by what they have in common: one order puts a whole group right. */
export function Page() {
  const t = useDeadLetterTexts();
  const [search] = useSearchState();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['dead-letters', search],
    queryFn: async ({ signal }) =>
      (await api.GET('/admin/dead-letters', { params: { query: search as never }, signal })).data!,
  });
  useLiveRefresh(['dead-letters'], ({ to }) => to === 'FAILED' || to === 'EXPIRED');
  const columns = useGroupColumns(setChosen);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        {(['receiver', 'sender', 'service', 'fault'] as const).map((name) => (
          <TextFilter key={name} name={name} label={t(name)} />
        ))}
      </FilterBar>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && (
        <>
          <p className="console-quiet">
            <When at={data.from} /> – <When at={data.to} />. {data.more && t('more')}
          </p>
          {data.groups.length === 0 ? (
            <p>{t('none')}</p>
          ) : (
            <DataTable caption={t('title')} columns={columns} rows={data.groups} rowId={groupId} />
          )}
        </>
      )}
      {chosen && <OrderJob action={chosen.action} filter={chosen.group.filter} onClose={() => setChosen(null)} />}
    </>
  );
}

const groupId = ({ cause, system, service }: Group) => `${cause?.code ?? ''} ${system} ${service}`;

function useGroupColumns(choose: (chosen: Chosen) => void): readonly Column<Group>[] {
  const t = useDeadLetterTexts();
  const { count } = useNumbers();
  const may = useMay()('messages.resend');
  return useMemo(
    () => [
      { id: 'cause', header: t('cause'), cell: (group) => <CauseOf group={group} /> },
      {
        id: 'system',
        header: t('system'),
        cell: ({ receiver, system, service }) => (
          <>
            {receiver} · {system}
            <br />
            <small>{service}</small>
          </>
        ),
      },
      { id: 'count', header: t('count'), cell: (group) => count(group.count) },
      { id: 'retried', header: t('retried'), cell: ({ retried }) => count(retried) },
      { id: 'oldest', header: t('oldest'), cell: ({ oldest }) => <When at={oldest} ago /> },
      { id: 'newest', header: t('newest'), cell: ({ newest }) => <When at={newest} ago /> },
      {
        id: 'example',
        header: t('example'),
        cell: ({ example }) => <MessageLink id={example} shown={t('openExample')} />,
      },
      ...(may
        ? [
            {
              id: 'orders',
              header: t('orders'),
              cell: (group: Group) => (
                <div className="console-orders">
                  {(['retry', 'discard'] as const).map((action) => (
                    <button
                      key={action}
                      type="button"
                      className="btn btn-xs btn-outline-primary"
                      onClick={() => choose({ group, action })}
                    >
                      {t(action)}
                      <span className="visually-hidden"> {groupId(group)}</span>
                    </button>
                  ))}
                </div>
              ),
            },
          ]
        : []),
    ],
    [t, count, may, choose],
  );
}

function CauseOf({ group: { cause } }: { readonly group: Group }) {
  const t = useDeadLetterTexts();
  const words = useFaultWords(cause?.code);
  if (!cause) return <>{t('unknown')}</>;
  return (
    <>
      <code>{cause.code}</code> {words?.title}
      <br />
      <small>{words?.remedy}</small>
    </>
  );
}
