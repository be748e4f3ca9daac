import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { When } from '../../i18n/when';
import { useLiveRefresh } from '../../live/use-live';
import type { Column } from '../../parts/data-table';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { StateBadge } from '../../parts/state-badge';
import { Progress } from './progress';
import { useJobTexts } from './job-texts';

type Job = Schemas['Job'];

/** Who has ordered what for many deliveries, and how far it is. */
export function Page() {
  const t = useJobTexts();
  const pages = usePages(['jobs'], async (before, signal) => {
    const query = { limit: 50, ...(before && { before }) };
    return (await api.GET('/admin/jobs', { params: { query }, signal })).data!;
  });
  useLiveRefresh(['jobs']);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <PageTable pages={pages} caption={t('title')} columns={useJobColumns()} rowId={({ id }) => id} />
    </>
  );
}

function useJobColumns(): readonly Column<Job>[] {
  const t = useJobTexts();
  return useMemo(
    () => [
      {
        id: 'when',
        header: t('when'),
        cell: ({ id, createdAt }) => (
          <Link to={'/jobs/$id' as string} params={{ id } as never}>
            <When at={createdAt} />
          </Link>
        ),
      },
      { id: 'who', header: t('who'), cell: ({ operator }) => operator },
      { id: 'what', header: t('action'), cell: ({ action }) => t(`action.${action as 'retry'}`) },
      { id: 'why', header: t('why'), cell: ({ reason }) => reason },
      { id: 'state', header: t('state'), cell: ({ state }) => <StateBadge state={state} /> },
      { id: 'progress', header: t('progress'), cell: (job) => <Progress job={job} /> },
    ],
    [t],
  );
}
