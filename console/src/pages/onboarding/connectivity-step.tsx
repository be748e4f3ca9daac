import { useMutation } from '@tanstack/react-query';
import { api, type Schemas } from '../../api/client';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { ConnectivityView } from './connectivity-view';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { StepFoot } from './step-foot';

/** How the test went stands in the address: one that failed is no step that was done, and who goes on knows it. */
export function ConnectivityStep({ system, go }: StepProps) {
  const t = useOnboardingTexts();
  const [{ connection }, change] = useSearchState();
  const hasFailed = connection === 'failed';
  return (
    <>
      <ConnectivityTest system={system} onFound={({ verdict }) => change({ connection: verdict }, true)} />
      {hasFailed && (
        <p className="alert alert-warning mt-3" role="status">
          {t('failedNext')}
        </p>
      )}
      <StepFoot
        onBack={() => go('credential')}
        onNext={() => go('services')}
        next={t(hasFailed ? 'nextAnyway' : 'next')}
      />
    </>
  );
}

interface TestProps extends Pick<StepProps, 'system'> {
  readonly onFound?: (found: Schemas['Connectivity']) => void;
}

/** Looks whether a system can be reached, when it is told to. */
export function ConnectivityTest({ system, onFound }: TestProps) {
  const t = useOnboardingTexts();
  const probe = useMutation({
    mutationFn: async () =>
      (await api.POST('/admin/systems/{id}/connectivity', { params: { path: { id: system } } })).data!,
    onSuccess: (found) => onFound?.(found),
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
