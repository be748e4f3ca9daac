import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { useOperatorColumns } from './operator-columns';
import { OperatorOrder, type Ordered } from './operator-order';
import { ROLES, useOperatorTexts } from './operator-texts';
import { RoleDialog } from './role-dialog';

/** Who works with the console and the API; how they come in, and what they may do. */
export function Page() {
  const t = useOperatorTexts();
  const [search] = useSearchState();
  const [ordered, setOrdered] = useState<Ordered | null>(null);
  const [edited, setEdited] = useState<Schemas['OperatorRow'] | 'new' | null>(null);
  const pages = usePages(['operators', search], async (after, signal) => {
    const query = { ...search, limit: 100, ...(after && { after }) } as never;
    return (await api.GET('/admin/operators', { params: { query }, signal })).data!;
  });
  const columns = useOperatorColumns((order, row) =>
    order === 'change' ? setEdited(row) : setOrdered({ order, row }),
  );
  const aside = (
    <div className="console-orders">
      <Link to={'/roles' as string}>{t('rights')}</Link>
      <button type="button" className="btn btn-xs btn-primary" onClick={() => setEdited('new')}>
        {t('invite')}
      </button>
    </div>
  );
  return (
    <>
      <PageTitle aside={aside}>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <TextFilter name="text" label={t('text')} />
        <ChoiceFilter name="role" label={t('role')} choices={ROLES.map((one) => [one, t(`role.${one}`)])} />
      </FilterBar>
      <PageTable pages={pages} caption={t('title')} columns={columns} rowId={({ id }) => id} />
      {ordered && <OperatorOrder ordered={ordered} onClose={() => setOrdered(null)} />}
      {edited && <RoleDialog operator={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}
