import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { OrderDialog } from '../../parts/order-dialog';
import { CERTIFICATES, useCertificateTexts } from './certificate-texts';
import { RenewDialog } from './renew-dialog';

type Item = Schemas['Certificates']['items'][number];

/** What can be done with the certificate of a system. */
export function CertificateOrders({ item: { kind, system, thumbprint, days } }: { readonly item: Item }) {
  const t = useCertificateTexts();
  const may = useMay();
  const [open, setOpen] = useState<'renew' | 'remove' | null>(null);
  const close = () => setOpen(null);
  if (kind !== 'tls' || system === null || !may('registry.write')) return '—';
  const name = <span className="visually-hidden">{thumbprint?.slice(0, 8) ?? system}</span>;
  return (
    <>
      <button type="button" className="btn btn-xs btn-outline-primary me-1" onClick={() => setOpen('renew')}>
        {t('renewOrder')} {name}
      </button>
      {thumbprint !== null && (
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => setOpen('remove')}>
          {t('remove')} {name}
        </button>
      )}
      {open === 'renew' && <RenewDialog system={system} onClose={close} />}
      {open === 'remove' && thumbprint !== null && (
        <OrderDialog
          title={t('removeTitle', { system })}
          text={t(days !== null && days < 0 ? 'removeEnded' : 'removeText', { system })}
          confirm={t('remove')}
          give={(reason) =>
            api.DELETE('/admin/systems/{id}/certificates/{thumbprint}', {
              params: { path: { id: system, thumbprint }, query: { reason } },
            })
          }
          changes={CERTIFICATES}
          onClose={close}
        >
          <p>
            <code className="console-id">{thumbprint}</code>
          </p>
        </OrderDialog>
      )}
    </>
  );
}
