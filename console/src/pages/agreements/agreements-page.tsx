import { useMemo, useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { OrderDialog } from '../../parts/order-dialog';
import { DocumentLink } from '../../parts/document-link';
import type { Column } from '../../parts/data-table';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { useAgreementTexts } from './agreement-texts';

type Stored = Schemas['StoredDocument'];

const STATUSES = ['requested', 'active', 'suspended', 'revoked'] as const;
type Status = (typeof STATUSES)[number];
type Turn = 'grant' | 'suspend' | 'resume' | 'revoke';

interface Agreement {
  readonly id: string;
  readonly consumer: string;
  readonly provider: string;
  readonly service: string;
  readonly version: number;
  readonly status?: Status;
  readonly operations?: readonly string[];
  readonly validFrom?: string;
  readonly validUntil?: string;
}

interface Ordered {
  readonly id: string;
  readonly turn: Turn;
}

const agreementOf = ({ document }: Stored) => document as unknown as Agreement;

/** Who may call which service of whom; the provider grants, either side ends. */
export function Page() {
  const t = useAgreementTexts();
  const [search] = useSearchState();
  const [ordered, setOrdered] = useState<Ordered | null>(null);
  const pages = usePages(['agreements', search], async (after, signal) => {
    const query = { ...search, limit: 100, ...(after && { after }) } as never;
    return (await api.GET('/admin/agreements', { params: { query }, signal })).data!;
  });
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <ChoiceFilter name="status" label={t('status')} choices={STATUSES.map((one) => [one, t(`status.${one}`)])} />
        <TextFilter name="participant" label={t('participant')} />
        <TextFilter name="service" label={t('service')} />
      </FilterBar>
      <PageTable pages={pages} caption={t('title')} columns={useColumns(setOrdered)} rowId={({ key }) => key} />
      {ordered && <Order ordered={ordered} onClose={() => setOrdered(null)} />}
    </>
  );
}

function useColumns(order: (ordered: Ordered) => void): readonly Column<Stored>[] {
  const t = useAgreementTexts();
  const may = useMay();
  const mayOrder = may('agreement.grant') || may('agreement.suspend');
  return useMemo(
    () => [
      { id: 'agreement', header: t('agreement'), cell: (row) => agreementOf(row).id },
      { id: 'consumer', header: t('consumer'), cell: (row) => agreementOf(row).consumer },
      { id: 'provider', header: t('provider'), cell: (row) => agreementOf(row).provider },
      {
        id: 'service',
        header: t('service'),
        cell: (row) => `${agreementOf(row).service} v${agreementOf(row).version}`,
      },
      {
        id: 'operations',
        header: t('operations'),
        cell: (row) => agreementOf(row).operations?.join(', ') ?? t('all'),
      },
      {
        id: 'status',
        header: t('status'),
        cell: (row) => (
          <span data-status={agreementOf(row).status ?? 'active'}>
            {t(`status.${agreementOf(row).status ?? 'active'}`)}
          </span>
        ),
      },
      {
        id: 'validity',
        header: t('validity'),
        cell: (row) => [agreementOf(row).validFrom, agreementOf(row).validUntil].map((day) => day ?? '…').join(' – '),
      },
      {
        id: 'document',
        header: t('document'),
        cell: (row) => <DocumentLink kind="agreement" id={agreementOf(row).id} />,
      },
      ...(mayOrder
        ? [
            {
              id: 'actions',
              header: t('actions'),
              cell: (row: Stored) => <Orders of={agreementOf(row)} order={order} />,
            },
          ]
        : []),
    ],
    [t, mayOrder, order],
  );
}

const TURNS: Readonly<Record<Status, readonly Turn[]>> = {
  requested: ['grant', 'revoke'],
  active: ['suspend', 'revoke'],
  suspended: ['resume', 'revoke'],
  revoked: [],
};

function Orders({
  of: { id, status = 'active' },
  order,
}: {
  readonly of: Agreement;
  readonly order: (ordered: Ordered) => void;
}) {
  const t = useAgreementTexts();
  return (
    <div className="console-orders">
      {TURNS[status].map((turn) => (
        <button key={turn} type="button" className="btn btn-xs btn-outline-primary" onClick={() => order({ id, turn })}>
          {t(turn)}
          <span className="visually-hidden"> {id}</span>
        </button>
      ))}
    </div>
  );
}

function Order({ ordered: { id, turn }, onClose }: { readonly ordered: Ordered; readonly onClose: () => void }) {
  const t = useAgreementTexts();
  const give = async (reason: string) => {
    const params = { path: { id }, query: { reason } };
    await api.POST(`/admin/agreements/{id}/${turn}` as '/admin/agreements/{id}/suspend', { params });
  };
  return (
    <OrderDialog
      title={t('sure', { turn: t(turn) })}
      text={t(`${turn}Text`)}
      confirm={t(turn)}
      give={give}
      changes={['agreements']}
      onClose={onClose}
    >
      <p>
        <code>{id}</code>
      </p>
    </OrderDialog>
  );
}
