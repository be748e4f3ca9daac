import { useMemo, useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { useLiveRefresh } from '../../live/use-live';
import { OrderDialog } from '../../parts/order-dialog';
import { type Column } from '../../parts/data-table';
import { ChoiceFilter, FilterBar } from '../../parts/filter-bar';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { useAlertTexts } from './alert-texts';
import { Rules } from './rules';

type Incident = Schemas['Incident'];

const STATES = ['open', 'acknowledged', 'silenced', 'resolved'] as const;
const SEVERITIES = ['warning', 'critical'] as const;

interface Handling {
  readonly incident: Incident;
  readonly turn: 'acknowledge' | 'silence';
}

/** What the rules have found, one line a cause, and the rules. */
export function Page() {
  const t = useAlertTexts();
  const [search] = useSearchState();
  const [handling, setHandling] = useState<Handling | null>(null);
  const pages = usePages(['alerts', search], async (before, signal) => {
    const query = { ...search, limit: 100, ...(before && { before }) } as never;
    return (await api.GET('/admin/alerts', { params: { query }, signal })).data!;
  });
  useLiveRefresh(['alerts']);
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <FilterBar label={t('filters')}>
        <ChoiceFilter name="state" label={t('state')} choices={STATES.map((one) => [one, t(`state.${one}`)])} />
        <ChoiceFilter
          name="severity"
          label={t('severity')}
          choices={SEVERITIES.map((one) => [one, t(`severity.${one}`)])}
        />
      </FilterBar>
      <PageTable pages={pages} caption={t('title')} columns={useColumns(setHandling)} rowId={({ id }) => id} />
      <Rules />
      {handling && <Handle handling={handling} onClose={() => setHandling(null)} />}
    </>
  );
}

const TONES = { open: 'danger', acknowledged: 'primary', silenced: 'warning', resolved: 'success' } as const;

function useColumns(handle: (handling: Handling) => void): readonly Column<Incident>[] {
  const t = useAlertTexts();
  const { count } = useNumbers();
  const may = useMay()('alerts.handle');
  return useMemo(
    () => [
      {
        id: 'incident',
        header: t('incident'),
        cell: ({ kind, subject, severity }) => (
          <>
            <strong>{t(`kind.${kind}`)}</strong> · {t(`severity.${severity}`)}
            <br />
            <small>{subject}</small>
          </>
        ),
      },
      {
        id: 'state',
        header: t('state'),
        cell: ({ state }) => (
          <span className={`console-state console-state-${TONES[state]}`} data-state={state}>
            {t(`state.${state}`)}
          </span>
        ),
      },
      { id: 'value', header: t('value'), cell: ({ value, threshold }) => `${count(value)} / ${count(threshold)}` },
      { id: 'opened', header: t('opened'), cell: ({ openedAt }) => <When at={openedAt} ago /> },
      { id: 'seen', header: t('seen'), cell: ({ seenAt }) => <When at={seenAt} ago /> },
      { id: 'by', header: t('by'), cell: ({ by, reason }) => [by, reason].filter(Boolean).join(': ') || '—' },
      ...(may
        ? [
            {
              id: 'actions',
              header: t('actions'),
              cell: (incident: Incident) => <Orders incident={incident} handle={handle} />,
            },
          ]
        : []),
    ],
    [t, count, may, handle],
  );
}

function Orders({ incident, handle }: { readonly incident: Incident; readonly handle: (handling: Handling) => void }) {
  const t = useAlertTexts();
  if (incident.state === 'resolved') return null;
  return (
    <div className="console-orders">
      {(['acknowledge', 'silence'] as const).map((turn) => (
        <button
          key={turn}
          type="button"
          className="btn btn-xs btn-outline-primary"
          onClick={() => handle({ incident, turn })}
        >
          {t(turn)}
          <span className="visually-hidden"> {incident.subject}</span>
        </button>
      ))}
    </div>
  );
}

const HOUR_MIN = 60;

function Handle({
  handling: { incident, turn },
  onClose,
}: {
  readonly handling: Handling;
  readonly onClose: () => void;
}) {
  const t = useAlertTexts();
  const give = async (reason: string) => {
    const path = { id: incident.id };
    if (turn === 'acknowledge')
      await api.POST('/admin/alerts/{id}/acknowledge', { params: { path, query: { reason } } });
    else await api.POST('/admin/alerts/{id}/silence', { params: { path, query: { reason, minutes: HOUR_MIN } } });
  };
  return (
    <OrderDialog
      title={t(`${turn}Title`)}
      text={t(`${turn}Text`)}
      confirm={t(turn)}
      give={give}
      changes={['alerts']}
      onClose={onClose}
    />
  );
}
