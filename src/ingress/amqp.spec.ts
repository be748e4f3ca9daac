import type { Receive } from '../acceptance/receive.js';
import type { Submission } from '../acceptance/submissions.js';
import type { Identified, Reply } from '../message/stages.js';
import { amqpIngress, type AmqpParts } from './amqp.js';

const SUBMISSION: Submission = {
  system: 'sulmona.anagrafe',
  username: 'sulmona-mq',
  headers: { 'x-address': '/rest/r_abruzz/v1/Residenza/residenti' },
  contentType: 'application/json',
  body: Buffer.from('{}'),
  messageId: 'm',
  correlationId: null,
  type: null,
  replyTo: null,
  priority: null,
};

/** The door before a path that answers so. */
function doorBefore(reply: Reply) {
  const receive: Receive = Object.assign(async () => reply, { refuse: async () => reply });
  const parts = {
    identify: async (arrival: object) => ({ ...arrival, caller: {} }) as Identified,
    throttle: { admit: async () => undefined },
    receive,
    maxBytes: 1_000,
  };
  return amqpIngress(parts as unknown as AmqpParts);
}

describe('amqpIngress', () => {
  const busy = { status: 503, headers: { 'retry-after': '1' }, body: 'busy' };

  it('6: puts a question once: what could not be answered is answered so', async () => {
    const answer = await doorBefore({ ...busy, isAsked: true })(SUBMISSION);
    expect(answer).toEqual({ body: Buffer.from('busy'), headers: { 'retry-after': '1', 'x-status': '503' } });
  });

  it('7: lets a message wait in its queue that cannot be taken now', async () => {
    await expect(doorBefore(busy)(SUBMISSION)).rejects.toThrow('not taken for now: busy');
  });
});
