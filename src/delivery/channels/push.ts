import type { Dispatcher } from 'undici';
import { Fault } from '../../message/fault.js';
import type { Arrival } from '../../message/stages.js';
import type { Protocol } from '../../protocol/protocol.js';
import type { Channel, DeliveryJob } from '../channel.js';
import { exchange } from '../http-exchange.js';
import type { WriteOutgoing } from '../outgoing.js';
import { carriageMs, wayOf } from '../way.js';
import { beginAttempt } from './attempt.js';
import { deliveryHeaders, joinHeaders } from './headers.js';
import { judge } from './verdict.js';

export interface PushParts {
  readonly agent: Dispatcher;
  readonly outgoing: WriteOutgoing;
  readonly protocols: Readonly<Record<Arrival['binding'], Protocol>>;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown, about: { readonly messageId: string }) => void;
}

/** Connections that one origin sees at most; more deliveries wait inside their own time limit. */
export const PUSH_CONNECTIONS = { connections: 128, timeoutMs: 10_000 } as const;
/** Of an answer to a message only its start is kept. */
const ANSWER = { maxBytes: 65_536, longer: 'cut' } as const;
const USER_AGENT = { 'user-agent': 'crocevia' };

/**
 * HTTP POST to the system's endpoint, SOAP or REST, over connections kept alive; a receipt goes to the endpoint for
 * receipts. `close` waits for what is under way.
 */
export function pushChannel(parts: PushParts): Channel & { close(): Promise<void> } {
  return { deliver: (job) => deliver(job, parts), close: () => parts.agent.close() };
}

async function deliver(job: DeliveryJob, { agent, outgoing, protocols, problem }: PushParts) {
  const { item, content, receiver } = job;
  const endpoint = wayOf(item, receiver);
  const attempt = beginAttempt(job.attempt, endpoint && 'url' in endpoint ? targetOf(endpoint.url) : 'push');
  try {
    if (!endpoint || !('url' in endpoint))
      throw new Fault('destination-missing', { detail: 'No endpoint is registered.', place: receiver.id });
    const { url, timeoutMs, gzip = false, outcomes = [] } = endpoint;
    const written = await outgoing({ message: item.message, content, receipt: item.delivery.receipt }, receiver);
    const headers = joinHeaders(USER_AGENT, written.headers, endpoint.headers, deliveryHeaders(job));
    const limit = { timeoutMs: timeoutMs + carriageMs(item.message.size) };
    const target = { method: 'POST', url, ...limit, receiver: receiver.participant, ...ANSWER };
    const answer = await exchange(agent, { ...target, headers, gzip, body: written.body });
    const protocol = protocols[endpoint.channel === 'push-soap' ? 'soap' : 'rest'];
    const verdict = await judge(answer, { protocol, receiver: receiver.participant, outcomes }, new Date());
    return attempt.close({ ...verdict, answer });
  } catch (error) {
    if (!(error instanceof Fault)) problem(error, { messageId: item.message.id });
    return attempt.fail(error);
  }
}

/** Without query and user, which may be credentials. */
function targetOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
