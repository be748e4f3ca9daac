import { useMutation } from '@tanstack/react-query';
import { api, type Schemas } from '../../api/client';
import { ProblemNote } from '../../parts/problem-note';
import { CertificateFacts } from './certificate-facts';
import { useCertificateTexts } from './certificate-texts';

type Own = Schemas['OwnCertificateFacts'];

/** Looks how the certificate of the gateway stands, when it is told to. */
export function OwnCertificate() {
  const t = useCertificateTexts();
  const test = useMutation({ mutationFn: async () => (await api.GET('/admin/certificates/own')).data!.own });
  return (
    <>
      <button
        type="button"
        className="btn btn-sm btn-outline-primary mb-2"
        disabled={test.isPending}
        onClick={() => test.mutate()}
      >
        {t('testOwn')}
      </button>
      {test.error && <ProblemNote error={test.error} />}
      {test.data && <Found own={test.data} />}
    </>
  );
}

function Found({ own }: { readonly own: Own }) {
  const t = useCertificateTexts();
  const { onDisk, isSame, keyFits, isChainComplete, coversHost, inUse, host, problem, chain } = own;
  const checks = [
    ['same', isSame],
    ['keyFits', keyFits === true],
    ['chain', isChainComplete],
    ['covers', coversHost],
    ['inTime', inUse.days >= 0],
  ] as const;
  return (
    <div role="status">
      {problem !== null && <p>{t('problem', { problem })}</p>}
      <ul>
        {checks.map(([name, isRight]) => (
          <li key={name} data-check={name} data-right={isRight}>
            <span className={`console-state console-state-${isRight ? 'success' : 'danger'}`}>
              {t(isRight ? 'right' : 'wrong')}
            </span>{' '}
            {t(`${name}.${isRight}`, { host })}
          </li>
        ))}
      </ul>
      {chain.map((one, n) => (
        <Shown key={one.thumbprint} certificate={one} title={t(n === 0 ? 'inUse' : 'above')} />
      ))}
      {onDisk && !isSame && <Shown certificate={onDisk} title={t('onDisk')} />}
    </div>
  );
}

interface ShownProps {
  readonly certificate: Schemas['CertificateFacts'];
  readonly title: string;
}

function Shown({ certificate, title }: ShownProps) {
  return (
    <details>
      <summary>
        {title}: {certificate.subject}
      </summary>
      <CertificateFacts certificate={certificate} />
    </details>
  );
}
