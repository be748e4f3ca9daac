import type { Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import { useOnboardingTexts } from './onboarding-texts';

/** How far the gateway came to each address of a system. */
export function ConnectivityView({ found }: { readonly found: Schemas['Connectivity'] }) {
  const t = useOnboardingTexts();
  return (
    <div data-verdict={found.verdict}>
      <p role="status">
        <strong>{t(`verdict.${found.verdict}`)}</strong>
      </p>
      {found.addresses.map(({ purpose, target, stages }) => (
        <section key={`${purpose} ${target}`}>
          <p className="mb-0">
            {t(`purpose.${purpose}`)}: <code>{target}</code>
          </p>
          <ol>
            {stages.map(({ stage, outcome, ms, detail, certificates }) => (
              <li key={stage} data-outcome={outcome}>
                {t(`stage.${stage}`)}: <strong>{t(`outcome.${outcome}`)}</strong> ({ms} ms) —{' '}
                <span lang="en">{detail}</span>
                {certificates.length > 0 && <Chain certificates={certificates} />}
              </li>
            ))}
          </ol>
        </section>
      ))}
      {found.pickUp && (
        <p>
          {t('waits', { count: found.pickUp.waiting })} {t('lastTaken')}:{' '}
          {found.pickUp.lastTakenAt ? <When at={found.pickUp.lastTakenAt} ago /> : t('never')}
        </p>
      )}
    </div>
  );
}

/** What an address showed of itself in TLS, its own certificate first. */
function Chain({ certificates }: { readonly certificates: readonly Schemas['CertificateFacts'][] }) {
  const t = useOnboardingTexts();
  return (
    <ul aria-label={t('chain')}>
      {certificates.map(({ subject, issuer, thumbprint, until, days }) => (
        <li key={thumbprint} data-days={days}>
          {subject} ({t('issuedBy', { issuer })}): {t(days < 0 ? 'ended' : 'daysLeft', { count: days })},{' '}
          <When at={until} />
        </li>
      ))}
    </ul>
  );
}
