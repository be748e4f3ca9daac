import { Fault } from '../../message/fault.js';
import type { Channel } from '../channel.js';
import { claimCheck } from '../claim-check.js';
import type { WriteOutgoing } from '../outgoing.js';
import type { SystemQueue } from '../ports.js';
import { beginAttempt } from './attempt.js';
import { deliveryHeaders, joinHeaders } from './headers.js';

export interface AmqpQueueParts {
  readonly outgoing: WriteOutgoing;
  readonly queue: SystemQueue;
  readonly publicUrl: string;
  /** Told of an error that is no Fault: a failure of the gateway itself. */
  readonly problem: (error: unknown, about: { readonly messageId: string }) => void;
}

/** The system's own queue: `available` on the broker's confirm. RabbitMQ does not tell when the system takes it. */
export function amqpQueueChannel({ outgoing, queue, publicUrl, problem }: AmqpQueueParts): Channel {
  return {
    deliver: async (job) => {
      const { item, content, receiver } = job;
      const attempt = beginAttempt(job.attempt, `amqp:${receiver.id}`);
      try {
        const { headers, body } = await outgoing(
          { message: item.message, content, receipt: item.delivery.receipt },
          receiver,
        );
        const carried = Buffer.isBuffer(body)
          ? { headers, body }
          : claimCheck(item.deliveryId, headers, body, publicUrl);
        const all = joinHeaders(carried.headers, deliveryHeaders(job));
        await queue.put(receiver.id, item, { bytes: carried.body, headers: all });
        return attempt.close({ outcome: 'available' });
      } catch (error) {
        if (!(error instanceof Fault)) problem(error, { messageId: item.message.id });
        return attempt.fail(error);
      }
    },
  };
}
