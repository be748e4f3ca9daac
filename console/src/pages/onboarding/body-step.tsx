import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useSession } from '../../api/session';
import { Field } from '../../parts/field';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { Choice } from './choice';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { register, useDocument, useDocuments, type BodyDocument } from './registry-documents';
import { StepFoot } from './step-foot';

const KINDS = ['municipality', 'agency', 'service-centre', 'technical-centre', 'region'] as const;

/** Who takes part: as it stands where it is registered, else a form. */
export function BodyStep({ participant, go }: StepProps) {
  const t = useOnboardingTexts();
  const known = useDocument<BodyDocument>('participant', participant === '' ? undefined : participant);
  if (known.isLoading) return <Loading />;
  if (!known.data) return <BodyForm go={go} />;
  return (
    <>
      <p role="status">{t('isRegistered', { name: known.data.name })}</p>
      <StepFoot onNext={() => go('system')} />
    </>
  );
}

/** The scope of a centre's operator: of all that it sees, the one whose own parent it does not see. */
function topOf(bodies: readonly BodyDocument[]): string | undefined {
  const seen = new Set(bodies.map(({ id }) => id));
  return bodies.find(({ parent }) => parent === undefined || !seen.has(parent))?.id;
}

function BodyForm({ go }: Pick<StepProps, 'go'>) {
  const t = useOnboardingTexts();
  const client = useQueryClient();
  const bodies = useDocuments<BodyDocument>('participant');
  const isPlatform = useSession()?.operator.role === 'platform';
  const order = useMutation({
    mutationFn: ({ parent, ...body }: Record<'id' | 'name' | 'type' | 'parent', string>) =>
      register('participant', { ...body, ...(parent && { parent }) }),
    onSuccess: async (_, { id }) => {
      await client.invalidateQueries({ queryKey: ['document'] });
      go('system', { participant: id });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    order.mutate(Object.fromEntries(new FormData(event.currentTarget)) as never);
  };
  if (bodies.isPending) return <Loading />;
  const seen = bodies.data ?? [];
  const parents = seen.map(({ id, name }) => [id, name] as const);
  return (
    <form onSubmit={submit}>
      <Field name="id" label={t('code')} hint={t('codeHint')} pattern="[a-z0-9_\-]{2,64}" required />
      <Field name="name" label={t('name')} maxLength={200} required />
      <Choice name="type" label={t('kind')} choices={KINDS.map((one) => [one, t(`kind.${one}`)])} />
      <Choice
        name="parent"
        label={t('parent')}
        choices={[...(isPlatform ? [['', t('top')] as const] : []), ...parents]}
        initial={isPlatform ? '' : topOf(seen)}
      />
      {order.error && <ProblemNote error={order.error} />}
      <button type="submit" className="btn btn-sm btn-primary" disabled={order.isPending}>
        {t('register')}
      </button>
    </form>
  );
}
