import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { StateBadge, TestBadge } from '../../parts/state-badge';
import { useMessageDetailTexts } from './message-texts';

export function MessageFacts({ message }: { readonly message: Schemas['MessageDetail'] }) {
  const t = useMessageDetailTexts();
  const { bytes } = useNumbers();
  const { service, version, operation } = message;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [
      t('state'),
      <span key="state">
        <StateBadge state={message.state} />
        <TestBadge isTest={message.isTest} />
      </span>,
    ],
    [t('sender'), message.sender],
    [t('service'), service && `${service} v${version}${operation ? ` / ${operation}` : ''}`],
    [t('accepted'), <When key="at" at={message.acceptedAt} ago />],
    [t('size'), bytes(message.size)],
    ...message.businessKeys.map(({ name, value }) => [name, value && <Others key={name} q={value} />] as const),
    [t('id'), message.id],
    [t('messageId'), message.messageId],
    [t('correlationId'), message.correlationId && <Others key="correlation" q={message.correlationId} />],
    [t('relatesTo'), message.relatesTo && <Others key="relates" q={message.relatesTo} />],
  ];
  return (
    <section aria-label={t('facts')}>
      <dl className="console-facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

/** The messages that have this id in common. */
const Others = ({ q }: { readonly q: string }) => (
  <Link to={'/messages' as string} search={{ q } as never} className="console-id">
    {q}
  </Link>
);
