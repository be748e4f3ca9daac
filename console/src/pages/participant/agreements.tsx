import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { DocumentLink } from '../../parts/document-link';
import { DataTable, type Column } from '../../parts/data-table';
import { Loading } from '../../parts/loading';
import { useAgreementTexts } from '../agreements/agreement-texts';
import { agreementsQuery, type AgreementDocument } from '../onboarding/registry-documents';
import { useParticipantPageTexts } from './participant-texts';

/** What it uses of others, and who uses what it offers. */
export function Agreements({ participant }: { readonly participant: string }) {
  const t = useParticipantPageTexts();
  const { data, isPending } = useQuery(agreementsQuery(participant));
  const statusOf = useAgreementTexts();
  const columns = useMemo<readonly Column<AgreementDocument>[]>(
    () => [
      { id: 'service', header: t('service'), cell: ({ service, version }) => `${service} v${version}` },
      { id: 'consumer', header: t('consumer'), cell: ({ consumer }) => consumer },
      { id: 'provider', header: t('provider'), cell: ({ provider }) => provider },
      {
        id: 'status',
        header: t('status'),
        cell: ({ status = 'active' }) => <span data-status={status}>{statusOf(`status.${status}`)}</span>,
      },
      { id: 'document', header: t('document'), cell: ({ id }) => <DocumentLink kind="agreement" id={id} /> },
    ],
    [t, statusOf],
  );
  return (
    <section aria-labelledby="used">
      <h2 id="used" className="h5">
        {t('used')}
      </h2>
      {isPending ? (
        <Loading />
      ) : (
        <DataTable caption={t('used')} columns={columns} rows={data ?? []} rowId={({ id }) => id} />
      )}
    </section>
  );
}
