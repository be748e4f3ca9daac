import { useMemo } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { DataTable, type Column } from '../../parts/data-table';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useOperatorTexts } from './operator-texts';

type Row = Schemas['RoleTable']['actions'][number];

/** The table by which the gateway decides what each role may do, as it gives it out. */
export function Page() {
  const t = useOperatorTexts();
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/roles');
  return (
    <>
      <PageTitle>{t('rightsTitle')}</PageTitle>
      <p>{t('rightsText')}</p>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && <Rights table={data} />}
    </>
  );
}

function Rights({ table }: { readonly table: Schemas['RoleTable'] }) {
  const t = useOperatorTexts();
  const columns = useMemo<readonly Column<Row>[]>(
    () => [
      {
        id: 'action',
        header: t('action'),
        cell: ({ action }) => (
          <>
            {t(`action.${action}`)} <code>{action}</code>
          </>
        ),
      },
      ...table.roles.map((role): Column<Row> => ({
        id: role,
        header: t(`role.${role}`),
        cell: ({ roles }) => <YesNo is={roles.includes(role)} yes={t('allowed')} no={t('denied')} />,
      })),
      { id: 'where', header: t('where'), cell: ({ scope }) => <span lang="en">{scope}</span> },
    ],
    [t, table],
  );
  return <DataTable caption={t('rightsTitle')} columns={columns} rows={table.actions} rowId={({ action }) => action} />;
}

export function YesNo({ is, yes, no }: { readonly is: boolean; readonly yes: string; readonly no: string }) {
  return (
    <span className={`console-state console-state-${is ? 'success' : 'warning'}`} data-is={is}>
      <span aria-hidden="true">{is ? '✓' : '–'}</span> {is ? yes : no}
    </span>
  );
}
