import { StepperContainer, StepperHeader, StepperHeaderElement } from 'design-react-kit';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { BodyStep } from './body-step';
import { ConnectivityStep } from './connectivity-step';
import { CredentialStep } from './credential-step';
import { useOnboardingTexts } from './onboarding-texts';
import { ServicesStep } from './services-step';
import { SystemStep } from './system-step';
import { TestStep } from './test-step';

const STEPS = ['body', 'system', 'credential', 'connectivity', 'services', 'test'] as const;
export type StepName = (typeof STEPS)[number];

export interface StepProps {
  /** IPA code and system id, as far as they are known. */
  readonly participant: string;
  readonly system: string;
  readonly go: (step: StepName, known?: { readonly participant?: string; readonly system?: string }) => void;
}

const VIEWS: Readonly<Record<StepName, (props: StepProps) => React.ReactNode>> = {
  body: BodyStep,
  system: SystemStep,
  credential: CredentialStep,
  connectivity: ConnectivityStep,
  services: ServicesStep,
  test: TestStep,
};

/** Brings a body in, step by step; where it stands is in the address. */
export function Page() {
  const t = useOnboardingTexts();
  const [{ step, participant = '', system = '', connection }, change] = useSearchState();
  const known = STEPS.find((one) => one === step) ?? 'body';
  const allowed = participant === '' ? 'body' : system === '' && known !== 'body' ? 'system' : known;
  const View = VIEWS[allowed];
  const go: StepProps['go'] = (next, more = {}) => {
    // What was tried was another system.
    change({ step: next, ...more, ...(more.system !== undefined && { connection: '' }) });
    document.getElementById('step')?.focus();
  };
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <p>{t('intro')}</p>
      <StepperContainer className="console-steps">
        <StepsHeader at={allowed} connection={connection} />
        <div>
          <h2 id="step" tabIndex={-1} className="h4">
            {t(`step.${allowed}`)}
          </h2>
          <View key={allowed} participant={participant} system={system} go={go} />
        </div>
      </StepperContainer>
    </>
  );
}

interface HeaderProps {
  readonly at: StepName;
  /** How the test of the connection went; undefined: nobody has tried. */
  readonly connection: string | undefined;
}

function StepsHeader({ at, connection }: HeaderProps) {
  const t = useOnboardingTexts();
  const now = STEPS.indexOf(at);
  const hasFailed = (one: StepName) => one === 'connectivity' && connection === 'failed';
  const isDone = (one: StepName, n: number) =>
    n < now && (one !== 'connectivity' || (connection !== undefined && !hasFailed(one)));
  return (
    <StepperHeader aria-label={t('steps')}>
      {STEPS.map((one, n) => (
        <StepperHeaderElement
          key={one}
          data-step={one}
          data-done={isDone(one, n)}
          {...(isDone(one, n) && { variant: 'confirmed' as const })}
          {...(n === now && { variant: 'active' as const, 'aria-current': 'step' as const })}
        >
          <span>
            {n + 1}. {t(`step.${one}`)}
            {isDone(one, n) && <span className="visually-hidden"> ({t('done')})</span>}
            {hasFailed(one) && (
              <>
                {' '}
                <span className="console-state console-state-danger">{t('notReached')}</span>
              </>
            )}
          </span>
        </StepperHeaderElement>
      ))}
      <StepperHeaderElement variant="mobile" className="d-lg-none" aria-hidden="true">
        {t('progress', { step: now + 1, all: STEPS.length })}
      </StepperHeaderElement>
    </StepperHeader>
  );
}
