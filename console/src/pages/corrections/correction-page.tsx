import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { useSession } from '../../api/session';
import { When } from '../../i18n/when';
import { Loading } from '../../parts/loading';
import { OrderDialog } from '../../parts/order-dialog';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { StateBadge } from '../../parts/state-badge';
import { MessageLink } from '../messages/message-columns';
import { CorrectionChanges } from './correction-changes';
import { useCorrectionTexts } from './correction-texts';

type Correction = Schemas['Correction'];
type Turn = 'approve' | 'reject';

/** One edited copy: what it changes, who has written it, and the decision of another operator. */
export function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const params = { params: { path: { id } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/corrections/{id}', params);
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} again={() => void refetch()} />;
  return <CorrectionView correction={data} />;
}

function CorrectionView({ correction }: { readonly correction: Correction }) {
  const t = useCorrectionTexts();
  return (
    <>
      <PageTitle aside={<Decision correction={correction} />}>
        {t('correction', { id: correction.id.slice(-8) })}
      </PageTitle>
      <Facts correction={correction} />
      {correction.state === 'PROPOSED' && <CorrectionChanges correction={correction} />}
    </>
  );
}

function Facts({ correction }: { readonly correction: Correction }) {
  const t = useCorrectionTexts();
  const { state, operator, reason, createdAt, messageId, sentAs, sender, receiver, fault, decidedBy, decidedAt } =
    correction;
  const facts = [
    [t('state'), <StateBadge key="state" state={state} />],
    [t('who'), operator],
    [t('why'), reason],
    [t('when'), <When key="when" at={createdAt} ago />],
    [t('original'), <MessageLink key="original" id={messageId} shown={messageId} />],
    ...(sentAs ? [[t('copy'), <MessageLink key="copy" id={sentAs} shown={sentAs} />]] : []),
    [t('sender'), sender],
    [t('receiver'), receiver],
    [t('service'), `${correction.service} v${correction.version} · ${correction.operation}`],
    ...(decidedAt
      ? [[t('decided'), <Decided key="decided" by={decidedBy} at={decidedAt} why={correction.decisionReason} />]]
      : []),
    ...(fault ? [[t('fault'), <code key="fault">{fault}</code>]] : []),
  ] as const;
  return (
    <dl className="console-facts">
      {facts.map(([name, value]) => (
        <div key={String(name)}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const Decided = ({ by, at, why }: { readonly by: string | null; readonly at: string; readonly why: string | null }) => (
  <>
    <When at={at} ago /> · {by} {why && `· ${why}`}
  </>
);

function Decision({ correction }: { readonly correction: Correction }) {
  const t = useCorrectionTexts();
  const own = useSession()?.operator.id === correction.operator;
  const [turn, setTurn] = useState<Turn | null>(null);
  if (correction.state !== 'PROPOSED') return null;
  const turns: readonly Turn[] = own ? ['reject'] : ['approve', 'reject'];
  const give = async (reason: string) => {
    const order = { params: { path: { id: correction.id } }, body: { reason } };
    await api.POST(`/admin/corrections/{id}/${turn!}` as '/admin/corrections/{id}/approve', order);
  };
  return (
    <div className="console-orders">
      {own && <p className="mb-0">{t('own')}</p>}
      {turns.map((one) => (
        <button key={one} type="button" className="btn btn-xs btn-outline-primary" onClick={() => setTurn(one)}>
          {t(one)}
        </button>
      ))}
      {turn && (
        <OrderDialog
          title={t(`${turn}Title`)}
          text={t(`${turn}Text`)}
          confirm={t(turn)}
          give={give}
          changes={[]}
          onClose={() => setTurn(null)}
        />
      )}
    </div>
  );
}
