import { v7 as uuid } from 'uuid';
import type { PolledMessages } from '../../src/exchange/ports.js';
import type { Message } from '../../src/message/message.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord, fresh } from '../support/ledger-records.js';

/** The promises of Exchanges; two nodes may be one store where the shape allows one only. */
export function exchangeCases(nodes: () => readonly [Store, Store]): void {
  describe('messages that are polled', () => {
    async function taken(more: Partial<Message>) {
      const record = acceptanceRecord({ message: { profile: 'async-polled', ...more } });
      await nodes()[0].messages.accept(record);
      const { message, deliveries } = record;
      const { service, version, operation, sender } = message;
      const receiver = deliveries[0]?.receiver.participant as string;
      return { message, of: { sender: sender.participant, receiver, service, version, operation } };
    }
    const found = async (name: string, of: PolledMessages) =>
      (await nodes()[1].exchanges.polledBy(name, of)).map(({ id }) => id);

    it('4: are found by the id of the gateway, the id of the sender and the correlation id', async () => {
      const correlationId = fresh('conversazione');
      const first = await taken({ correlationId });
      const second = await taken({ correlationId, messageId: fresh('messaggio') });
      const { id, messageId } = first.message;
      for (const name of [id, `urn:uuid:${id}`, messageId]) expect(await found(name, first.of)).toEqual([id]);
      expect(await found(correlationId, first.of)).toEqual([second.message.id, id]);
      const third = await taken({ correlationId: messageId });
      expect(await found(messageId, first.of)).toEqual([id, third.message.id]);
    });

    it('4: go by a correlation id however old they are', async () => {
      const correlationId = fresh('conversazione');
      const old = uuid({ msecs: Date.now() - 12 * 86_400_000 });
      const first = await taken({ id: old, messageId: correlationId, correlationId });
      const second = await taken({ correlationId });
      expect(await found(correlationId, first.of)).toEqual([old, second.message.id]);
      expect(await found(second.message.id, first.of)).toEqual([second.message.id]);
    });

    it('4: are those of the sender to the receiver, of the operation, and of no other profile', async () => {
      const { message, of } = await taken({});
      expect(await found(message.id, of)).toEqual([message.id]);
      for (const other of [
        { sender: 'c_x' },
        { receiver: 'c_x' },
        { service: 'X' },
        { version: 2 },
        { operation: 'x' },
      ])
        expect(await found(message.id, { ...of, ...other })).toEqual([]);
      const oneWay = await taken({ profile: 'one-way' });
      expect(await found(oneWay.message.id, oneWay.of)).toEqual([]);
      expect(await found('non un id', of)).toEqual([]);
    });
  });
}
