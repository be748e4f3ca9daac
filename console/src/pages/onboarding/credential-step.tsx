import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { api } from '../../api/client';
import { ProblemNote } from '../../parts/problem-note';
import type { StepProps } from './onboarding-page';
import { useOnboardingTexts } from './onboarding-texts';
import { useDocument, type SystemDocument } from './registry-documents';
import { StepFoot } from './step-foot';

/** A key that the gateway makes and shows this once; for AMQP a RabbitMQ user too. */
export function CredentialStep({ system, go }: StepProps) {
  const t = useOnboardingTexts();
  const client = useQueryClient();
  const { data } = useDocument<SystemDocument>('system', system);
  const count = data?.credentials?.length ?? 0;
  const params = { path: { id: system }, query: { reason: t('title') } };
  const make = useMutation({
    mutationFn: async () => (await api.POST('/admin/systems/{id}/api-keys', { params })).data!,
    onSuccess: () => client.invalidateQueries({ queryKey: ['document', 'system'] }),
  });
  return (
    <>
      <p>{t('keyText')}</p>
      <p>{t('hasKeys', { count })}</p>
      {make.error && <ProblemNote error={make.error} />}
      {make.data && <Once label={t('key')} value={make.data.key} />}
      {make.data && <ForVendor apiKey={make.data.key} />}
      <button type="button" className="btn btn-sm btn-primary" disabled={make.isPending} onClick={() => make.mutate()}>
        {t(make.data ? 'anotherKey' : 'makeKey')}
      </button>
      {data?.receives?.channel === 'amqp-queue' && <BrokerUser system={system} />}
      <StepFoot onBack={() => go('system')} onNext={() => go('connectivity')} />
    </>
  );
}

function BrokerUser({ system }: Pick<StepProps, 'system'>) {
  const t = useOnboardingTexts();
  const grant = useMutation({
    mutationFn: async () => (await api.POST('/admin/broker/grants/{system}', { params: { path: { system } } })).data!,
  });
  return (
    <div className="mt-3">
      {grant.error && <ProblemNote error={grant.error} />}
      {grant.data && <Once label={t('user')} value={grant.data.username} />}
      {grant.data && <Once label={t('password')} value={grant.data.password} />}
      <button type="button" className="btn btn-sm btn-outline-primary" onClick={() => grant.mutate()}>
        {t('makeUser')}
      </button>
    </div>
  );
}

/** What is not shown again, with a button that copies it. */
function Once({ label, value }: { readonly label: string; readonly value: string }) {
  const t = useOnboardingTexts();
  const [isCopied, setCopied] = useState(false);
  const id = useId();
  const copy = () => void navigator.clipboard.writeText(value).then(() => setCopied(true));
  return (
    <div className="console-field mb-3">
      <label htmlFor={id}>{label}</label>
      <div className="console-once">
        <input
          id={id}
          className="form-control"
          readOnly
          value={value}
          aria-describedby={`${id}-hint`}
          onFocus={(event) => event.target.select()}
        />
        <button type="button" className="btn btn-sm btn-outline-primary" onClick={copy}>
          {t('copy')}
        </button>
      </div>
      <small id={`${id}-hint`} className="form-text" role="status">
        {t(isCopied ? 'copied' : 'onceOnly')}
      </small>
    </div>
  );
}

/** Lines that can be sent along. */
function ForVendor({ apiKey }: { readonly apiKey: string }) {
  const t = useOnboardingTexts();
  const at = window.location.origin;
  return (
    <details className="mb-3">
      <summary>{t('forVendor')}</summary>
      <pre className="console-answer" tabIndex={0}>
        {`curl '${at}/box/messages?wait=20' -H 'X-API-Key: ${apiKey}'\ncurl '${at}/directory' -H 'X-API-Key: ${apiKey}'`}
      </pre>
    </details>
  );
}
