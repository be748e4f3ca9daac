import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import type { Column } from '../../parts/data-table';
import { StateBadge, TestBadge } from '../../parts/state-badge';
import { useMessageTexts } from './message-list-texts';

type Message = Schemas['FoundMessage'];

interface Choice {
  /** Ids of the messages that are ticked. */
  readonly chosen: readonly string[];
  readonly choose: (chosen: readonly string[]) => void;
}

export function useMessageColumns({ chosen, choose }: Choice): readonly Column<Message>[] {
  const t = useMessageTexts();
  const { bytes, duration } = useNumbers();
  return useMemo(
    () => [
      { id: 'choose', header: t('choose'), cell: (row) => <Tick row={row} chosen={chosen} choose={choose} /> },
      { id: 'id', header: t('id'), cell: (row) => <MessageLink id={row.id} shown={row.messageId ?? row.id} /> },
      { id: 'at', header: t('at'), cell: (row) => <When at={row.acceptedAt} /> },
      {
        id: 'state',
        header: t('state'),
        cell: (row) => (
          <>
            <StateBadge state={row.state} />
            <TestBadge isTest={row.isTest} />
          </>
        ),
      },
      { id: 'sender', header: t('sender'), cell: (row) => row.sender },
      { id: 'receivers', header: t('receivers'), cell: (row) => row.receivers.join(', ') || '—' },
      {
        id: 'service',
        header: t('service'),
        cell: (row) => [row.service, row.operation].filter(Boolean).join(' / ') || '—',
      },
      { id: 'keys', header: t('keys'), cell: (row) => <Keys keys={row.businessKeys} /> },
      { id: 'fault', header: t('fault'), cell: (row) => row.faultCode && <code>{row.faultCode}</code> },
      { id: 'attempts', header: t('attempts'), cell: (row) => row.attempts },
      { id: 'size', header: t('size'), cell: (row) => bytes(row.size) },
      {
        id: 'duration',
        header: t('duration'),
        cell: (row) => (row.durationMs === null ? '—' : duration(row.durationMs)),
      },
    ],
    [t, bytes, duration, chosen, choose],
  );
}

export const MessageLink = ({ id, shown }: { readonly id: string; readonly shown: string }) => (
  <Link to={'/messages/$id' as string} params={{ id } as never} className="console-id">
    {shown}
  </Link>
);

/** What people know the message by; a value that is kept only as a hash, or is not for this operator, stays a name. */
function Keys({ keys }: { readonly keys: Message['businessKeys'] }) {
  return (
    <ul className="console-keys">
      {keys.map(({ name, value }, n) => (
        <li key={n}>
          <small>{name}</small> {value}
        </li>
      ))}
    </ul>
  );
}

function Tick({ row: { id, messageId }, chosen, choose }: Choice & { readonly row: Message }) {
  const t = useMessageTexts();
  const isChosen = chosen.includes(id);
  return (
    <input
      type="checkbox"
      aria-label={t('chooseOne', { id: messageId ?? id })}
      checked={isChosen}
      onChange={() => choose(isChosen ? chosen.filter((one) => one !== id) : [...chosen, id])}
    />
  );
}
