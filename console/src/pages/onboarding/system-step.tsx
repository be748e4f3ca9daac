import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { hooks } from '../../api/client';
import { Field } from '../../parts/field';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { Choice } from './choice';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { register, useDocument, type SystemDocument } from './registry-documents';
import { StepFoot } from './step-foot';

const WAYS = ['box', 'push-rest', 'push-soap', 'amqp-queue'] as const;
type Way = (typeof WAYS)[number];

/** The application of the body: how it receives, and what. */
export function SystemStep({ participant, system, go }: StepProps) {
  const t = useOnboardingTexts();
  const known = useDocument<SystemDocument>('system', system === '' ? undefined : system);
  if (known.isLoading) return <Loading />;
  if (!known.data) return <SystemForm participant={participant} go={go} />;
  return (
    <>
      <p role="status">{t('systemIs', { system })}</p>
      <StepFoot onBack={() => go('body')} onNext={() => go('credential')} />
    </>
  );
}

function SystemForm({ participant, go }: Pick<StepProps, 'participant' | 'go'>) {
  const t = useOnboardingTexts();
  const client = useQueryClient();
  const [way, setWay] = useState<Way>('box');
  const order = useMutation({
    mutationFn: (form: FormData) => {
      const id = String(form.get('id'));
      return register('system', systemOf(id, participant, way, form)).then(() => id);
    },
    onSuccess: async (id) => {
      await client.invalidateQueries({ queryKey: ['document'] });
      go('credential', { system: id });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    order.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={submit}>
      <Field
        name="id"
        label={t('systemId')}
        hint={t('systemHint')}
        defaultValue={`${participant}.sistema`}
        pattern="[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}"
        required
      />
      <Choice
        name="way"
        label={t('way')}
        choices={WAYS.map((one) => [one, t(`way.${one}`)])}
        value={way}
        onChange={(next) => setWay(next as Way)}
      />
      {way.startsWith('push') && <Field name="url" type="url" label={t('url')} placeholder="https://" required />}
      <Offers />
      {order.error && <ProblemNote error={order.error} />}
      <StepFoot onBack={() => go('body')}>
        <button type="submit" className="btn btn-sm btn-primary" disabled={order.isPending}>
          {t('registerSystem')}
        </button>
      </StepFoot>
    </form>
  );
}

function systemOf(id: string, participant: string, way: Way, form: FormData) {
  const provides = form.getAll('provides').map((one) => {
    const [service = '', version] = String(one).split(' ');
    return { service, version: Number(version) };
  });
  return {
    id,
    participant,
    provides,
    receives: { channel: way, ...(way.startsWith('push') && { url: String(form.get('url')) }) },
    ...(way === 'amqp-queue' && { credentials: [{ kind: 'amqp', username: id }] }),
  };
}

/** Published services; what is ticked is received and answered by the system. */
function Offers() {
  const t = useOnboardingTexts();
  const params = { params: { query: { status: 'published', limit: 100 } as never } };
  const { data, error, isPending } = hooks.useQuery('get', '/admin/services', params);
  if (isPending) return <Loading />;
  if (error) return <ProblemNote error={error} />;
  const services = data.items.map(({ document }) => document as unknown as Published);
  return (
    <fieldset className="console-choices">
      <legend className="h6">{t('offers')}</legend>
      {services.map(({ id, version, title }) => (
        <label key={`${id} ${version}`}>
          <input type="checkbox" name="provides" value={`${id} ${version}`} /> {title} ({id} v{version})
        </label>
      ))}
    </fieldset>
  );
}

interface Published {
  readonly id: string;
  readonly version: number;
  readonly title: string;
}
