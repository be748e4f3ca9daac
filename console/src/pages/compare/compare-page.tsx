import { lazy, Suspense, type ReactNode } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { readContent } from '../../api/content';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { Loading } from '../../parts/loading';
import { OnDemand } from '../../parts/on-demand';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { StateBadge } from '../../parts/state-badge';
import { MessageLink } from '../messages/message-columns';
import { useCompareTexts } from './compare-texts';

const DiffView = lazy(() => import('../../parts/diff-view'));

type Message = Schemas['MessageDetail'];

/** Two messages side by side: why one arrived and the other did not. */
export function Page() {
  const t = useCompareTexts();
  const [{ a, b }] = useSearchState();
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      {a && b ? <Pair a={a} b={b} /> : <p>{t('choose')}</p>}
    </>
  );
}

const useMessage = (id: string) => hooks.useQuery('get', '/admin/messages/{id}', { params: { path: { id } } });

function Pair({ a, b }: { readonly a: string; readonly b: string }) {
  const may = useMay();
  const [first, second] = [useMessage(a), useMessage(b)];
  const error = first.error ?? second.error;
  if (error) return <ProblemNote error={error} />;
  if (!first.data || !second.data) return <Loading />;
  return (
    <>
      <Facts first={first.data} second={second.data} />
      {may('messages.payload') && <Contents first={first.data} second={second.data} />}
    </>
  );
}

interface Props {
  readonly first: Message;
  readonly second: Message;
}

interface Fact {
  readonly name: string;
  /** By which the two are compared. */
  readonly plain: (message: Message) => string;
  readonly shown?: (message: Message) => ReactNode;
}

function useFacts(): readonly Fact[] {
  const t = useCompareTexts();
  const { bytes } = useNumbers();
  return [
    { name: t('id'), plain: ({ id }) => id, shown: ({ id }) => <MessageLink id={id} shown={id} /> },
    { name: t('messageId'), plain: ({ messageId }) => messageId ?? '—' },
    { name: t('correlationId'), plain: ({ correlationId }) => correlationId ?? '—' },
    { name: t('state'), plain: ({ state }) => state, shown: ({ state }) => <StateBadge state={state} /> },
    { name: t('sender'), plain: ({ sender }) => sender },
    {
      name: t('receivers'),
      plain: ({ deliveries }) => deliveries.map(({ receiver, state }) => `${receiver} ${state}`).join(', ') || '—',
    },
    {
      name: t('service'),
      plain: ({ service, version, operation }) => (service ? `${service} v${version} / ${operation ?? '—'}` : '—'),
    },
    { name: t('size'), plain: ({ size }) => String(size), shown: ({ size }) => bytes(size) },
    { name: t('accepted'), plain: ({ acceptedAt }) => acceptedAt, shown: ({ acceptedAt }) => <When at={acceptedAt} /> },
    { name: t('attempts'), plain: ({ deliveries }) => deliveries.map(({ attempts }) => attempts).join(', ') || '—' },
    {
      name: t('fault'),
      plain: ({ fault, deliveries }) =>
        fault?.code ?? (deliveries.map((one) => one.fault?.code ?? '—').join(', ') || '—'),
    },
  ];
}

function Facts({ first, second }: Props) {
  const t = useCompareTexts();
  return (
    <div className="console-table" tabIndex={0} role="region" aria-label={t('title')}>
      <table className="table">
        <caption className="visually-hidden">{t('title')}</caption>
        <thead>
          <tr>
            {(['what', 'first', 'second', 'isDifferent'] as const).map((one) => (
              <th key={one} scope="col">
                {t(one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {useFacts().map(({ name, plain, shown = plain }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{shown(first)}</td>
              <td>{shown(second)}</td>
              <td>{plain(first) === plain(second) ? t('no') : t('yes')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Contents({ first, second }: Props) {
  const t = useCompareTexts();
  const read = async () => {
    const [before, after] = await Promise.all([readContent(first.id), readContent(second.id)]);
    const { layOut } = await import('../../parts/lay-out');
    if (before.text === null || after.text === null) return null;
    const { type } = after;
    return { before: layOut(before.text, before.type), after: layOut(after.text, type), type };
  };
  return (
    <section aria-labelledby="contents">
      <h2 id="contents" className="h5">
        {t('contents')}
      </h2>
      <OnDemand text={t('contentsText')} button={t('show')} read={read}>
        {(both) =>
          both === null ? (
            <p>{t('noText')}</p>
          ) : (
            <Suspense fallback={<Loading />}>
              <DiffView label={t('changes')} {...both} />
            </Suspense>
          )
        }
      </OnDemand>
    </section>
  );
}
