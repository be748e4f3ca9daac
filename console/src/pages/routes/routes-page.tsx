import { api } from '../../api/client';
import { useQuery } from '@tanstack/react-query';
import { ChoiceFilter, FilterBar, TextFilter } from '../../parts/filter-bar';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { useRouteTexts } from './route-texts';
import { SimulationView } from './simulation-view';

const BINDINGS = ['rest', 'soap', 'cloudevents'] as const;
const METHODS = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'] as const;

/** Which way a message would take, and why. */
export function Page() {
  const t = useRouteTexts();
  const [search] = useSearchState();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <p>{t('text')}</p>
      <Binding />
      <FilterBar label={t('describe')}>
        <TextFilter name="system" label={t('system')} />
        <Address binding={search['binding'] ?? BINDINGS[0]} />
        <TextFilter name="sender" label={t('sender')} />
        <ChoiceFilter
          name="messageId"
          label={t('messageId')}
          choices={(['yes', 'no'] as const).map((one) => [one, t(one)])}
          isRequired
        />
        <TextFilter name="priority" label={t('priority')} type="number" />
      </FilterBar>
      {search['system'] ? <Simulated /> : <p>{t('first')}</p>}
    </>
  );
}

/** Each way in is described by other fields. */
function Binding() {
  const t = useRouteTexts();
  const [{ binding: chosen = BINDINGS[0] }, change] = useSearchState();
  return (
    <div role="group" aria-label={t('binding')} className="console-orders mb-2">
      <span aria-hidden="true">{t('binding')}</span>
      {BINDINGS.map((one) => (
        <button
          key={one}
          type="button"
          className={`btn btn-xs ${one === chosen ? 'btn-primary' : 'btn-outline-primary'}`}
          aria-pressed={one === chosen}
          onClick={() => change({ binding: one })}
        >
          {t(`binding.${one}`)}
        </button>
      ))}
    </div>
  );
}

/** What says where it goes: for each way in another. */
function Address({ binding }: { readonly binding: string }) {
  const t = useRouteTexts();
  if (binding === 'cloudevents')
    return (
      <>
        <TextFilter name="eventType" label={t('eventType')} />
        <TextFilter name="receiver" label={t('receivers')} />
      </>
    );
  return (
    <>
      <TextFilter name="receiver" label={t('receiver')} />
      <TextFilter name="service" label={t('service')} />
      <TextFilter name="version" label={t('version')} type="number" />
      {binding === 'soap' ? (
        <>
          <TextFilter name="soapAction" label={t('soapAction')} />
          <TextFilter name="element" label={t('element')} />
        </>
      ) : (
        <>
          <TextFilter name="path" label={t('path')} />
          <ChoiceFilter name="method" label={t('method')} choices={METHODS.map((one) => [one, one])} isRequired />
        </>
      )}
    </>
  );
}

function Simulated() {
  const [search] = useSearchState();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['routes', search],
    queryFn: async ({ signal }) => {
      const query = Object.fromEntries(Object.entries(search).filter(([, value]) => value)) as never;
      return (await api.GET('/admin/routes', { params: { query }, signal })).data!;
    },
  });
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} again={() => void refetch()} />;
  return <SimulationView simulation={data} />;
}
