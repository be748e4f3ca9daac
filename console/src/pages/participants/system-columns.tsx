import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import { DocumentLink } from '../../parts/document-link';
import type { Column } from '../../parts/data-table';
import { useParticipantTexts } from './participant-texts';

type Stored = Schemas['StoredDocument'];

interface System {
  readonly id: string;
  readonly participant: string;
  readonly paused?: boolean;
  readonly receives?: { readonly channel: string; readonly url?: string };
  readonly provides?: readonly { readonly service: string; readonly version: number }[];
  readonly credentials?: readonly { readonly kind: string; readonly id?: string; readonly expires?: string }[];
}

const systemOf = ({ document }: Stored) => document as unknown as System;

export function useSystemColumns(): readonly Column<Stored>[] {
  const t = useParticipantTexts();
  return useMemo(
    () => [
      {
        id: 'system',
        header: t('system'),
        cell: (row) => (
          <Link to={'/queues' as string} search={{ text: systemOf(row).id } as never}>
            {systemOf(row).id}
          </Link>
        ),
      },
      { id: 'participant', header: t('participant'), cell: (row) => systemOf(row).participant },
      { id: 'state', header: t('state'), cell: (row) => t(systemOf(row).paused ? 'paused' : 'active') },
      { id: 'receives', header: t('receives'), cell: (row) => systemOf(row).receives?.channel ?? '—' },
      { id: 'address', header: t('address'), cell: (row) => systemOf(row).receives?.url ?? '—' },
      {
        id: 'provides',
        header: t('provides'),
        cell: (row) =>
          systemOf(row)
            .provides?.map(({ service, version }) => `${service} v${version}`)
            .join(', ') ?? '—',
      },
      { id: 'credentials', header: t('credentials'), cell: (row) => <Credentials of={systemOf(row)} /> },
      {
        id: 'document',
        header: t('document'),
        cell: (row) => <DocumentLink kind="system" id={systemOf(row).id} />,
      },
    ],
    [t],
  );
}

/** Kinds and names; what they are checked by stays in the gateway. */
function Credentials({ of: { credentials = [] } }: { readonly of: System }) {
  const t = useParticipantTexts();
  if (credentials.length === 0) return <>{t('none')}</>;
  return (
    <ul className="console-keys">
      {credentials.map(({ kind, id, expires }, n) => (
        <li key={n}>
          {kind} {id} {expires && <When at={new Date(expires).toISOString()} ago />}
        </li>
      ))}
    </ul>
  );
}
