import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client';
import { useMay } from '../../api/session';
import { DocumentLink } from '../../parts/document-link';
import { Loading } from '../../parts/loading';
import { OrderDialog } from '../../parts/order-dialog';
import { PageTitle } from '../../parts/page-title';
import { useDocument, useDocuments, type BodyDocument, type SystemDocument } from '../onboarding/registry-documents';
import { useOnboardingTexts } from '../onboarding/onboarding-texts';
import { Agreements } from './agreements';
import { Checklist } from './checklist';
import { useParticipantPageTexts } from './participant-texts';
import { Systems } from './systems';
import { Volume } from './volume';

/** One body: what it is, how far its onboarding is, its systems and how they stand, what it uses and how much. */
export function Page() {
  const t = useParticipantPageTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const body = useDocument<BodyDocument>('participant', id);
  const systems = useDocuments<SystemDocument>('system');
  if (body.isPending || systems.isPending) return <Loading />;
  if (!body.data) return <PageTitle>{t('unknown')}</PageTitle>;
  const own = (systems.data ?? []).filter(({ participant }) => participant === id);
  return (
    <>
      <PageTitle aside={<Suspension body={body.data} />}>{body.data.name}</PageTitle>
      <Facts body={body.data} />
      <Checklist body={body.data} systems={own} />
      <Systems participant={id} systems={own} />
      <Agreements participant={id} />
      <Volume participant={id} />
    </>
  );
}

function Facts({ body: { id, type, parent, suspended } }: { readonly body: BodyDocument }) {
  const t = useParticipantPageTexts();
  const kindOf = useOnboardingTexts();
  const state = suspended ? 'suspended' : 'active';
  const facts = [
    [t('code'), id],
    [t('type'), kindOf(`kind.${type}` as 'kind.region')],
    [t('parent'), parent ?? '—'],
  ] as const;
  return (
    <section aria-label={t('facts')}>
      <dl className="console-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t('state')}</dt>
          <dd data-state={state}>{t(state)}</dd>
        </div>
      </dl>
      <p className="console-orders">
        <Link to={'/flows' as string} search={{ entity: id } as never}>
          {t('flows')}
        </Link>
        <DocumentLink kind="participant" id={id} />
      </p>
    </section>
  );
}

function Suspension({ body: { id, name, suspended = false } }: { readonly body: BodyDocument }) {
  const t = useParticipantPageTexts();
  const may = useMay();
  const [isAsked, setAsked] = useState(false);
  if (!may('participant.suspend')) return null;
  const turn = suspended ? 'resume' : 'suspend';
  const give = async (reason: string) => {
    const params = { path: { id }, query: { reason } };
    await api.POST(`/admin/participants/{id}/${turn}`, { params });
  };
  return (
    <>
      <button type="button" className="btn btn-sm btn-outline-primary" onClick={() => setAsked(true)}>
        {t(turn)}
      </button>
      {isAsked && (
        <OrderDialog
          title={t(`${turn}Sure`, { name })}
          text={t(`${turn}Text`)}
          confirm={t(turn)}
          give={give}
          changes={['document']}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  );
}
