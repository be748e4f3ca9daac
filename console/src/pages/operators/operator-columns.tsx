import { useMemo, useRef } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import type { Order } from './operator-order';
import { useOperatorTexts } from './operator-texts';
import { YesNo } from './roles-page';

type Row = Schemas['OperatorRow'];
type Give = (order: Order | 'change', row: Row) => void;

export function useOperatorColumns(give: Give): readonly Column<Row>[] {
  const t = useOperatorTexts();
  const latest = useRef(give);
  latest.current = give;
  const { data } = hooks.useQuery('get', '/admin/roles');
  return useMemo(() => {
    const may = (role: Row['role'], action: string) =>
      data?.actions.find((one) => one.action === action)?.roles.includes(role) ?? false;
    const right = (row: Row, action: string) => <YesNo is={may(row.role, action)} yes={t('yes')} no={t('no')} />;
    return [
      {
        id: 'operator',
        header: t('operator'),
        cell: ({ id, name }) => (
          <>
            {name} <code>{id}</code>
          </>
        ),
      },
      { id: 'role', header: t('role'), cell: ({ role }) => t(`role.${role}`) },
      { id: 'scope', header: t('scope'), cell: ({ scope }) => scope ?? t('everywhere') },
      { id: 'bodies', header: t('bodies'), cell: (row) => right(row, 'messages.payload') },
      { id: 'resend', header: t('resend'), cell: (row) => right(row, 'messages.resend') },
      { id: 'account', header: t('account'), cell: ({ account }) => <AccountState account={account} /> },
      {
        id: 'secondFactor',
        header: t('secondFactor'),
        cell: ({ account }) => (account?.secondFactor ? t('on', { count: account.recoveryCodes }) : t('off')),
      },
      { id: 'lastLogIn', header: t('lastLogIn'), cell: ({ account }) => <When at={account?.loggedInAt} /> },
      { id: 'sessions', header: t('sessions'), cell: (row) => <Sessions row={row} /> },
      { id: 'ways', header: t('ways'), cell: (row) => <OtherWays row={row} /> },
      {
        id: 'actions',
        header: t('actions'),
        cell: (row) => <Orders row={row} give={(order) => latest.current(order, row)} />,
      },
    ];
  }, [t, data]);
}

function AccountState({ account }: Pick<Row, 'account'>) {
  const t = useOperatorTexts();
  const state =
    account === null ? 'noAccount' : account.mustChange ? 'mustChange' : account.loggedInAt ? 'inUse' : 'never';
  return <span data-account={state}>{t(state)}</span>;
}

function Sessions({ row: { sessions } }: { readonly row: Row }) {
  const t = useOperatorTexts();
  if (sessions.length === 0) return <>0</>;
  return (
    <details>
      <summary>{sessions.length}</summary>
      <ul className="console-keys">
        {sessions.map(({ method, address, createdAt }, n) => (
          <li key={n}>
            {t('sessionAt', { method: t(`method.${method}`), address })}, <When at={createdAt} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function OtherWays({ row: { tokens, identity } }: { readonly row: Row }) {
  const t = useOperatorTexts();
  const ways = [tokens > 0 && t('tokens', { count: tokens }), identity && t('identity', { identity })].filter(Boolean);
  return <>{ways.join(', ') || '—'}</>;
}

/** The operator of the platform needs no document, and has none to change. */
function ordersFor({ account, sessions, revision }: Row): readonly (Order | 'change')[] {
  return [
    ...(revision === null ? [] : (['change'] as const)),
    account === null ? 'make' : 'reset',
    ...(sessions.length > 0 ? (['end'] as const) : []),
    ...(account === null ? [] : (['close'] as const)),
    ...(revision === null ? [] : (['remove'] as const)),
  ];
}

function Orders({ row, give }: { readonly row: Row; readonly give: (order: Order | 'change') => void }) {
  const t = useOperatorTexts();
  return (
    <div className="console-orders console-orders-wide">
      {ordersFor(row).map((order) => (
        <button key={order} type="button" className="btn btn-xs btn-outline-primary" onClick={() => give(order)}>
          {t(order)}
          <span className="visually-hidden"> {row.id}</span>
        </button>
      ))}
    </div>
  );
}
