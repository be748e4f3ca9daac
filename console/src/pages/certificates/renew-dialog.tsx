import { useState, type ChangeEvent } from 'react';
import { useMutation } from '@tanstack/react-query';
import { api, type Schemas } from '../../api/client';
import { Field } from '../../parts/field';
import { OrderDialog } from '../../parts/order-dialog';
import { ProblemNote } from '../../parts/problem-note';
import { CertificateFacts } from './certificate-facts';
import { CERTIFICATES, useCertificateTexts } from './certificate-texts';
import { NotSent, pemOf } from './pem-of';

interface Props {
  readonly system: string;
  readonly onClose: () => void;
}

/** Takes a new certificate of a system, tells what stands against it, and puts it in beside the old one. */
export function RenewDialog({ system, onClose }: Props) {
  const t = useCertificateTexts();
  const [pem, setPem] = useState('');
  const give = (reason: string) =>
    api.POST('/admin/systems/{id}/certificates', {
      params: { path: { id: system }, query: { reason } },
      body: { certificate: pem },
    });
  return (
    <OrderDialog
      title={t('renewTitle', { system })}
      text={t('renewText')}
      confirm={t('add')}
      give={give}
      changes={CERTIFICATES}
      onClose={onClose}
    >
      <CertificateFile system={system} onPick={setPem} />
    </OrderDialog>
  );
}

interface FileProps {
  readonly system: string;
  readonly onPick: (pem: string) => void;
}

function CertificateFile({ system, onPick }: FileProps) {
  const t = useCertificateTexts();
  const check = useMutation({
    mutationFn: async (file: File) => {
      const certificate = await pemOf(file);
      onPick(certificate);
      const params = { path: { id: system } };
      return (await api.POST('/admin/systems/{id}/certificates/check', { params, body: { certificate } })).data!;
    },
  });
  const pick = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    onPick('');
    if (file) check.mutate(file);
    else check.reset();
  };
  return (
    <>
      <Field
        name="certificate"
        label={t('file')}
        hint={t('fileHint')}
        type="file"
        accept=".pem,.crt,.cer,.der"
        required
        onChange={pick}
      />
      {check.error instanceof NotSent && (
        <div className="alert alert-danger" role="alert">
          {t(check.error.why)}
        </div>
      )}
      {check.error && !(check.error instanceof NotSent) && <ProblemNote error={check.error} />}
      {check.data && <Facts certificate={check.data} />}
    </>
  );
}

function Facts({ certificate }: { readonly certificate: Schemas['ClientCertificate'] }) {
  const t = useCertificateTexts();
  const { thumbprint, problems, known } = certificate;
  return (
    <div role="status" data-certificate={thumbprint}>
      <CertificateFacts certificate={certificate} />
      {known !== null && <p className="fw-bold">{t(`known.${known}`)}</p>}
      {problems.length === 0 ? <p>{t('sound')}</p> : <p>{t('against')}</p>}
      <ul>
        {problems.map((problem) => (
          <li key={problem} data-problem={problem}>
            {t(`problem.${problem}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}
