import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { StateBadge } from '../../parts/state-badge';
import { useMessageTexts } from './message-list-texts';

type Message = Schemas['Message'];

const receiversOf = ({ deliveries }: Message) => [...new Set(deliveries.map(({ receiver }) => receiver))];
const attemptsOf = ({ deliveries }: Message) => deliveries.reduce((sum, { attempts }) => sum + attempts, 0);
const faultOf = ({ fault, deliveries }: Message) => fault ?? deliveries.find((one) => one.fault)?.fault ?? null;

export function useMessageColumns(): readonly Column<Message>[] {
  const t = useMessageTexts();
  const { bytes } = useNumbers();
  return useMemo(
    () => [
      { id: 'id', header: t('id'), cell: (row) => <MessageLink id={row.id} shown={row.messageId ?? row.id} /> },
      { id: 'at', header: t('at'), cell: (row) => <When at={row.acceptedAt} /> },
      { id: 'state', header: t('state'), cell: (row) => <StateBadge state={row.state} /> },
      { id: 'sender', header: t('sender'), cell: (row) => row.sender },
      { id: 'receivers', header: t('receivers'), cell: (row) => receiversOf(row).join(', ') || '—' },
      {
        id: 'service',
        header: t('service'),
        cell: (row) => [row.service, row.operation].filter(Boolean).join(' / ') || '—',
      },
      { id: 'attempts', header: t('attempts'), cell: attemptsOf },
      { id: 'size', header: t('size'), cell: (row) => bytes(row.size) },
      { id: 'fault', header: t('fault'), cell: (row) => <code>{faultOf(row)?.code ?? ''}</code> },
    ],
    [t, bytes],
  );
}

export const MessageLink = ({ id, shown }: { readonly id: string; readonly shown: string }) => (
  <Link to={'/messages/$id' as string} params={{ id } as never} className="console-id">
    {shown}
  </Link>
);
