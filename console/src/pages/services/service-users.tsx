import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { DataTable, type Column } from '../../parts/data-table';
import { useAgreementTexts } from '../agreements/agreement-texts';
import { useServiceTexts } from './service-texts';

type Version = Schemas['ServiceVersion'];
type Provider = Version['providers'][number];
type Agreement = Version['agreements'][number];

/** Who provides the version and who may call it, among the bodies that the operator looks after. */
export function ServiceUsers({ service }: { readonly service: Version }) {
  const t = useServiceTexts();
  const providers = useMemo<readonly Column<Provider>[]>(
    () => [
      { id: 'participant', header: t('providers'), cell: ({ participant }) => participant },
      { id: 'system', header: t('system'), cell: ({ system }) => <ToQueue system={system} /> },
    ],
    [t],
  );
  return (
    <section aria-labelledby="providers">
      <h2 id="providers" className="h5">
        {t('providers')}
      </h2>
      {service.providers.length === 0 ? (
        <p>{t('noProviders')}</p>
      ) : (
        <DataTable
          caption={t('providers')}
          columns={providers}
          rows={service.providers}
          rowId={({ system }) => system}
        />
      )}
      <h2 className="h5 mt-3">{t('agreements')}</h2>
      <Agreements service={service} />
      <p className="console-orders mt-2">
        <Link to={'/agreements' as string} search={{ service: service.id } as never}>
          {t('allAgreements')}
        </Link>
        <Link to={'/routes' as string} search={{ service: service.id, version: String(service.version) } as never}>
          {t('simulate')}
        </Link>
        <Link to={'/validation' as string} search={{ service: service.id, version: String(service.version) } as never}>
          {t('tryIt')}
        </Link>
      </p>
    </section>
  );
}

const ToQueue = ({ system }: { readonly system: string }) => (
  <Link to={'/queues' as string} search={{ text: system } as never}>
    {system}
  </Link>
);

function Agreements({ service: { agreements } }: { readonly service: Version }) {
  const t = useServiceTexts();
  const agreement = useAgreementTexts();
  const columns = useMemo<readonly Column<Agreement>[]>(
    () => [
      { id: 'id', header: agreement('agreement'), cell: ({ id }) => id },
      { id: 'consumer', header: agreement('consumer'), cell: ({ consumer }) => consumer },
      { id: 'provider', header: agreement('provider'), cell: ({ provider }) => provider },
      { id: 'status', header: agreement('status'), cell: ({ status }) => agreement(`status.${status}`) },
    ],
    [agreement],
  );
  if (agreements.length === 0) return <p>{t('noAgreements')}</p>;
  return <DataTable caption={t('agreements')} columns={columns} rows={agreements} rowId={({ id }) => id} />;
}
