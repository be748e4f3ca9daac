import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { StateBadge, useStateNames } from '../../parts/state-badge';
import { MessageLink } from '../messages/message-columns';
import { useCorrectionTexts } from './correction-texts';

type Correction = Schemas['Correction'];

const STATES = ['PROPOSED', 'SENDING', 'SENT', 'REFUSED', 'REJECTED', 'EXPIRED'] as const;

/** Edited copies of messages: what waits for another operator, and what became of the others. */
export function Page() {
  const t = useCorrectionTexts();
  const nameOf = useStateNames();
  const [search, change] = useSearchState();
  const state = STATES.find((one) => one === search['state']);
  const pages = usePages(['corrections', state], async (before, signal) => {
    const query = { limit: 50, ...(state && { state }), ...(before && { before }) };
    return (await api.GET('/admin/corrections', { params: { query }, signal })).data!;
  });
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <label className="console-filter">
        {t('state')}
        <select
          className="form-select form-select-sm"
          value={state ?? ''}
          onChange={(event) => change({ state: event.target.value || undefined }, true)}
        >
          <option value="">{t('any')}</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      </label>
      <PageTable pages={pages} caption={t('title')} columns={useColumns()} rowId={({ id }) => id} />
    </>
  );
}

function useColumns(): readonly Column<Correction>[] {
  const t = useCorrectionTexts();
  return useMemo(
    () => [
      {
        id: 'when',
        header: t('when'),
        cell: ({ id, createdAt }) => (
          <Link to={'/corrections/$id' as string} params={{ id } as never}>
            <When at={createdAt} />
          </Link>
        ),
      },
      { id: 'who', header: t('who'), cell: ({ operator }) => operator },
      { id: 'why', header: t('why'), cell: ({ reason }) => reason },
      { id: 'sender', header: t('sender'), cell: ({ sender }) => sender },
      { id: 'receiver', header: t('receiver'), cell: ({ receiver }) => receiver },
      { id: 'state', header: t('state'), cell: ({ state }) => <StateBadge state={state} /> },
      {
        id: 'original',
        header: t('original'),
        cell: ({ messageId }) => <MessageLink id={messageId} shown={messageId} />,
      },
    ],
    [t],
  );
}
