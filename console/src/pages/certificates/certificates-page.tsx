import { useMemo } from 'react';
import { Link } from '@tanstack/react-router';
import { hooks, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { When } from '../../i18n/when';
import { DataTable, type Column } from '../../parts/data-table';
import { ChoiceFilter, FilterBar } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { CertificateOrders } from './certificate-orders';
import { useCertificateTexts } from './certificate-texts';
import { OwnCertificate } from './own-certificate';

type Item = Schemas['Certificates']['items'][number];

/** What ends, and whether the newest TLS files are in use. */
export function Page() {
  const t = useCertificateTexts();
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/certificates');
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <p>{t('intro')}</p>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data && (
        <>
          <Files certificates={data} />
          <Ending />
          <Table items={data.items} />
        </>
      )}
    </>
  );
}

const WITHIN = ['7', '30', '90'] as const;

function Ending() {
  const t = useCertificateTexts();
  const choices = WITHIN.map((days) => [days, t(`within.${days}`)] as const);
  return (
    <FilterBar label={t('filters')}>
      <ChoiceFilter name="within" label={t('within')} choices={choices} />
    </FilterBar>
  );
}

function Table({ items }: { readonly items: readonly Item[] }) {
  const t = useCertificateTexts();
  const [{ within }] = useSearchState();
  const columns = useColumns();
  const rows = within ? items.filter(({ days }) => days !== null && days <= Number(within)) : items;
  if (rows.length === 0) return <p>{t('nothing')}</p>;
  return <DataTable caption={t('table')} columns={columns} rows={rows} rowId={rowId} />;
}

const rowId = ({ system, kind, subject, serial }: Item) => `${system} ${kind} ${subject} ${serial}`;

function Files({ certificates: { readAt, problem } }: { readonly certificates: Schemas['Certificates'] }) {
  const t = useCertificateTexts();
  const may = useMay();
  return (
    <section aria-labelledby="files">
      <h2 id="files" className="h5">
        {t('files')}
      </h2>
      {problem !== null && (
        <div className="alert alert-danger" role="alert">
          {t('problem', { problem })}
        </div>
      )}
      {readAt === null ? (
        <p>{t('none')}</p>
      ) : (
        <>
          <p>
            {t('readAt')} <When at={readAt} />. {t('renew')}
          </p>
          {may('node.read') && <OwnCertificate />}
        </>
      )}
    </section>
  );
}

function useColumns(): readonly Column<Item>[] {
  const t = useCertificateTexts();
  return useMemo(
    () => [
      {
        id: 'whose',
        header: t('whose'),
        cell: ({ system, participant }) =>
          participant === null ? (
            t('gateway')
          ) : (
            <Link to={`/participants/${participant}` as string}>
              {system} <small>{participant}</small>
            </Link>
          ),
      },
      { id: 'kind', header: t('kind'), cell: ({ kind }) => t(`kind.${kind}`) },
      { id: 'subject', header: t('subject'), cell: ({ subject }) => <code className="console-id">{subject}</code> },
      { id: 'issuer', header: t('issuer'), cell: ({ issuer }) => issuer ?? '—' },
      {
        id: 'print',
        header: t('print'),
        cell: ({ thumbprint }) =>
          thumbprint === null ? '—' : <code title={thumbprint}>{thumbprint.slice(0, 16)}…</code>,
      },
      { id: 'until', header: t('until'), cell: ({ until }) => (until === null ? t('never') : <When at={until} />) },
      { id: 'days', header: t('days'), cell: ({ days }) => <Days days={days} /> },
      { id: 'orders', header: t('orders'), cell: (item) => <CertificateOrders item={item} /> },
    ],
    [t],
  );
}

const SOON = 30;
/** Longer than this a bar is full. */
const FULL = 365;

/** A bar, and the same in words. */
function Days({ days }: { readonly days: Item['days'] }) {
  const t = useCertificateTexts();
  if (days === null) return '—';
  const tone = days < 0 ? 'danger' : days <= SOON ? 'warning' : 'success';
  return (
    <>
      <span className={`console-state console-state-${tone}`}>{days < 0 ? t('over') : days}</span>{' '}
      <meter
        min={0}
        max={FULL}
        low={SOON}
        value={Math.max(0, Math.min(FULL, days))}
        aria-label={`${t('days')}: ${days}`}
      />
    </>
  );
}
