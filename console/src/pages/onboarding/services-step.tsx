import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, hooks, type Schemas } from '../../api/client';
import { DataTable, type Column } from '../../parts/data-table';
import { Loading } from '../../parts/loading';
import { Field } from '../../parts/field';
import { ProblemNote } from '../../parts/problem-note';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { agreementsQuery, useDocuments, type AgreementDocument, type BodyDocument } from './registry-documents';
import { StepFoot } from './step-foot';

type Offer = Schemas['Directory']['items'][number];

/** What the body will use: each agreement is requested here, and granted by the provider. */
export function ServicesStep({ participant, go }: StepProps) {
  const t = useOnboardingTexts();
  const [text, setText] = useState('');
  const params = { params: { query: { ...(text && { text }) } } };
  const { data, error } = hooks.useQuery('get', '/admin/directory', params);
  const columns = useColumns(participant);
  const rows = data?.items.filter(({ provider }) => provider !== participant);
  return (
    <>
      <Field name="text" type="search" label={t('search')} onChange={(event) => setText(event.target.value)} />
      {error && <ProblemNote error={error} />}
      {rows ? (
        <DataTable caption={t('directory')} columns={columns} rows={rows} rowId={keyOf} />
      ) : (
        !error && <Loading />
      )}
      <StepFoot onBack={() => go('connectivity')} onNext={() => go('test')} />
    </>
  );
}

const keyOf = ({ service, version, provider }: Offer) => `${service} v${version} ${provider}`;

function useColumns(participant: string): readonly Column<Offer>[] {
  const t = useOnboardingTexts();
  return useMemo(
    () => [
      {
        id: 'service',
        header: t('service'),
        cell: ({ title, service, version }) => `${title} (${service} v${version})`,
      },
      { id: 'provider', header: t('provider'), cell: ({ name, provider }) => `${name} (${provider})` },
      { id: 'agreement', header: t('agreement'), cell: (offer) => <Agreement offer={offer} consumer={participant} /> },
    ],
    [t, participant],
  );
}

function Agreement({ offer, consumer }: { readonly offer: Offer; readonly consumer: string }) {
  const t = useOnboardingTexts();
  const client = useQueryClient();
  const { data: agreements } = useQuery(agreementsQuery(consumer));
  const { data: bodies } = useDocuments<BodyDocument>('participant');
  const known = agreements?.find((one) => isAbout(one, offer, consumer));
  const turn = useMutation({
    mutationFn: () => (known?.status === 'requested' ? grant(known.id) : request(offer, consumer)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['agreements'] }),
  });
  const status = known ? (known.status ?? 'active') : null;
  const mayGrant = status === 'requested' && bodies?.some(({ id }) => id === offer.provider);
  const order = status === null || status === 'revoked' ? 'ask' : mayGrant ? 'grant' : null;
  return (
    <div className="console-orders">
      {status && <span data-status={status}>{t(`status.${status}`, { provider: offer.name })}</span>}
      {order && (
        <button
          type="button"
          className="btn btn-xs btn-outline-primary"
          disabled={turn.isPending}
          onClick={() => turn.mutate()}
        >
          {t(order)}
          <span className="visually-hidden"> {keyOf(offer)}</span>
        </button>
      )}
      {turn.error && <ProblemNote error={turn.error} />}
    </div>
  );
}

const isAbout = (one: AgreementDocument, { service, version, provider }: Offer, consumer: string) =>
  one.consumer === consumer && one.provider === provider && one.service === service && one.version === version;

async function request(
  { service, version, provider }: Pick<Offer, 'service' | 'version' | 'provider'>,
  consumer: string,
) {
  const id = `${consumer}-${provider}-${service}-v${version}`.slice(0, 64);
  const body = { id, consumer, provider, service, version };
  await api.POST('/admin/agreements', { params: { query: {} as never }, body: body as never });
  return id;
}

async function grant(id: string) {
  await api.POST('/admin/agreements/{id}/grant', { params: { path: { id }, query: {} as never } });
  return id;
}

/** The agreement of a body with itself under which a test is sent: requested and granted where there is none. */
export async function agreeWithItself(offer: Pick<Offer, 'service' | 'version'>, body: string): Promise<void> {
  const { data } = await api.GET('/admin/agreements', {
    params: { query: { participant: body, limit: 100 } as never },
  });
  const agreements = data!.items.map(({ document }) => document as unknown as AgreementDocument);
  const known = agreements.find((one) => isAbout(one, { ...offer, provider: body } as Offer, body));
  const status = known && (known.status ?? 'active');
  if (status === 'active') return;
  await grant(known && status === 'requested' ? known.id : await request({ ...offer, provider: body }, body));
}
