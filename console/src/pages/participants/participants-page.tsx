import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { useParticipantTexts } from './participant-texts';
import { useSystemColumns } from './system-columns';

type Stored = Schemas['StoredDocument'];

interface Participant {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly parent?: string;
  readonly suspended?: boolean;
}

/** Who takes part, and with which systems: as the registry has them now. */
export function Page() {
  const t = useParticipantTexts();
  const may = useMay();
  return (
    <>
      <PageTitle aside={may('registry.write') && <NewBody />}>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="text" label={t('text')} type="search" />
      </FilterBar>
      <Documents kind="participant" title={t('participants')} columns={useParticipantColumns()} />
      <Documents kind="system" title={t('systems')} columns={useSystemColumns()} />
    </>
  );
}

function NewBody() {
  const t = useParticipantTexts();
  return (
    <Link to={'/onboarding' as string} className="btn btn-sm btn-primary">
      {t('newBody')}
    </Link>
  );
}

interface Props {
  readonly kind: 'participant' | 'system';
  readonly title: string;
  readonly columns: readonly Column<Stored>[];
}

function Documents({ kind, title, columns }: Props) {
  const [{ text }] = useSearchState();
  const pages = usePages(['documents', kind, text], async (after, signal) => {
    const query = { kind, limit: 100, ...(text && { text }), ...(after && { after }) };
    return (await api.GET('/admin/registry/documents', { params: { query }, signal })).data!;
  });
  return (
    <section aria-labelledby={kind}>
      <h2 id={kind} className="h5">
        {title}
      </h2>
      <PageTable pages={pages} caption={title} columns={columns} rowId={({ key }) => key} />
    </section>
  );
}

const participantOf = ({ document }: Stored) => document as unknown as Participant;

function useParticipantColumns(): readonly Column<Stored>[] {
  const t = useParticipantTexts();
  return useMemo(
    () => [
      { id: 'code', header: t('code'), cell: (row) => participantOf(row).id },
      {
        id: 'name',
        header: t('name'),
        cell: (row) => <Link to={`/participants/${participantOf(row).id}` as string}>{participantOf(row).name}</Link>,
      },
      { id: 'state', header: t('state'), cell: (row) => t(participantOf(row).suspended ? 'suspended' : 'active') },
      { id: 'type', header: t('type'), cell: (row) => participantOf(row).type },
      { id: 'parent', header: t('parent'), cell: (row) => participantOf(row).parent ?? '—' },
      {
        id: 'flows',
        header: t('flows'),
        cell: (row) => (
          <Link to={'/flows' as string} search={{ entity: participantOf(row).id } as never}>
            {t('open')}
            <span className="visually-hidden"> {participantOf(row).name}</span>
          </Link>
        ),
      },
      { id: 'changed', header: t('changed'), cell: ({ changedAt }) => <When at={changedAt} /> },
    ],
    [t],
  );
}
