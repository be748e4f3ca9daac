import type { ReactNode } from 'react';
import { useOnboardingTexts } from './onboarding-texts';

interface Props {
  readonly onBack?: () => void;
  readonly onNext?: () => void;
  /** Of the button that leads on, where it has to say more than that. */
  readonly next?: string;
  readonly children?: ReactNode;
}

/** Where a step leads. */
export function StepFoot({ onBack, onNext, next, children }: Props) {
  const t = useOnboardingTexts();
  return (
    <div className="console-orders mt-4">
      {onBack && (
        <button type="button" className="btn btn-sm btn-outline-primary" onClick={onBack}>
          {t('back')}
        </button>
      )}
      {onNext && (
        <button type="button" className="btn btn-sm btn-primary" onClick={onNext}>
          {next ?? t('next')}
        </button>
      )}
      {children}
    </div>
  );
}
