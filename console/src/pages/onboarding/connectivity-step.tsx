import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/client';
import { ProblemNote } from '../../parts/problem-note';
import { ConnectivityView } from './connectivity-view';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { StepFoot } from './step-foot';

export function ConnectivityStep({ system, go }: StepProps) {
  return (
    <>
      <ConnectivityTest system={system} />
      <StepFoot onBack={() => go('credential')} onNext={() => go('services')} />
    </>
  );
}

/** Looks whether a system can be reached, when it is told to. */
export function ConnectivityTest({ system }: Pick<StepProps, 'system'>) {
  const t = useOnboardingTexts();
  const probe = useMutation({
    mutationFn: async () =>
      (await api.POST('/admin/systems/{id}/connectivity', { params: { path: { id: system } } })).data!,
  });
  return (
    <>
      <p>{t('probeText')}</p>
      <button
        type="button"
        className="btn btn-sm btn-primary"
        disabled={probe.isPending}
        onClick={() => probe.mutate()}
      >
        {t('probe')} <span className="visually-hidden">{system}</span>
      </button>
      {probe.error && <ProblemNote error={probe.error} />}
      {probe.data && <ConnectivityView found={probe.data} />}
    </>
  );
}
