import { useParams } from '@tanstack/react-router';
import type { Schemas } from '../../api/client';
import { hooks } from '../../api/client';
import { useLiveRefresh } from '../../live/use-live';
import { FaultView } from '../../parts/fault-view';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { ContentView } from './content-view';
import { Deliveries } from './deliveries';
import { MessageFacts } from './message-facts';
import { MessageOrders } from './message-orders';
import { useMessageDetailTexts } from './message-texts';
import { Notes, Related, Views } from './related';
import { Timeline } from './timeline';

/** One message: what it is, where it stands, its story, what it carries. */
export function Page() {
  const { id } = useParams({ strict: false }) as { id: string };
  const params = { params: { path: { id } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/messages/{id}', params);
  useLiveRefresh(['get', '/admin/messages/{id}', params], ({ messageId }) => messageId === data?.id);
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} again={() => void refetch()} />;
  return <Message message={data} />;
}

function Message({ message }: { readonly message: Schemas['MessageDetail'] }) {
  const t = useMessageDetailTexts();
  return (
    <>
      <PageTitle aside={<MessageOrders message={message} />}>
        {t('title', { id: message.messageId ?? message.id })}
      </PageTitle>
      <MessageFacts message={message} />
      {message.fault && (
        <section aria-labelledby="refusal">
          <h2 id="refusal" className="h5">
            {t('refusal')}
          </h2>
          <FaultView fault={message.fault} />
        </section>
      )}
      <Deliveries message={message} />
      <Timeline id={message.id} />
      <ContentView message={message} />
      <Related message={message} />
      <Notes message={message} />
      <Views message={message} />
    </>
  );
}
