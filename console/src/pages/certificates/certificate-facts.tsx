import type { Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import { useCertificateTexts } from './certificate-texts';

/** What a certificate says of itself. */
export function CertificateFacts({ certificate }: { readonly certificate: Schemas['CertificateFacts'] }) {
  const t = useCertificateTexts();
  const { subject, issuer, key, thumbprint, from, until, days, names } = certificate;
  const facts = [
    ['subject', subject],
    ['issuer', issuer],
    ['names', names.join(', ') || '—'],
    ['key', key],
    ['print', <code className="console-id">{thumbprint}</code>],
    ['from', <When at={from} />],
    ['until', <When at={until} />],
    ['days', days < 0 ? t('over') : String(days)],
  ] as const;
  return (
    <dl className="console-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{t(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
