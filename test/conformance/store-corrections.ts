import { v7 as uuid } from 'uuid';
import type { NewCorrection } from '../../src/corrections/ports.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord } from '../support/ledger-records.js';

const TEXT = Buffer.from('<corretto/>');

/** The promises of CorrectionStore, over two nodes. */
export function correctionCases(nodes: () => readonly [Store, Store]): void {
  describe('corrections', () => {
    const stores = () => nodes().map(({ corrections }) => corrections) as [Store['corrections'], Store['corrections']];
    const proposal = (over: Partial<NewCorrection> = {}): NewCorrection => ({
      id: uuid(),
      messageId: uuid(),
      sender: 'c_i804',
      system: 'sulmona.anagrafe',
      receiver: 'c_h007',
      service: 'VariazioneAnagrafica',
      version: 1,
      operation: 'notifica',
      headers: { 'content-type': 'text/xml' },
      size: TEXT.length,
      reason: 'wrong date',
      operator: 'anna',
      ...over,
    });
    const proposed = (over: Partial<NewCorrection> = {}) => stores()[0].add(proposal(over), TEXT, null);

    it('5: is found, with its content, by every node', async () => {
      const order = proposal();
      const added = await stores()[0].add(order, TEXT, null);
      expect(added).toEqual({
        ...order,
        state: 'PROPOSED',
        createdAt: expect.any(Date),
        decidedBy: null,
        decidedAt: null,
        decisionReason: null,
        sentAs: null,
        fault: null,
      });
      expect(await stores()[1].find(order.id)).toEqual(added);
      expect(await stores()[1].content(order.id)).toEqual(TEXT);
      expect([await stores()[1].find(uuid()), await stores()[1].find('nothing')]).toEqual([null, null]);
    });

    it('5: lists by sender and state, newest first, in pages', async () => {
      const sender = `c_${uuid().slice(-6)}`;
      const made = [await proposed({ sender }), await proposed({ sender }), await proposed({ sender })].map(
        ({ id }) => id,
      );
      await stores()[0].reject(made[1]!, 'bruno', 'no');
      const ids = async (page: object) =>
        (await stores()[1].list({ senders: [sender], limit: 10, ...page })).map(({ id }) => id);
      expect(await ids({})).toEqual(made.toReversed());
      expect(await ids({ limit: 1, before: made[2] })).toEqual([made[1]]);
      expect(await ids({ state: 'REJECTED' })).toEqual([made[1]]);
      expect(await ids({ senders: ['c_none'] })).toEqual([]);
      expect((await stores()[1].list({ senders: null, limit: 1 }))[0]?.id).toBe(made[2]);
    });

    it('5: of many who approve it one has it, never who has written it', async () => {
      const { id } = await proposed();
      expect(await stores()[0].claim(id, 'anna', null)).toBeNull();
      const claims = await Promise.all([0, 1, 0, 1].map((at) => stores()[at]!.claim(id, 'bruno', 'seen')));
      const [claimed, ...others] = claims.filter((one) => one !== null);
      expect(others).toEqual([]);
      expect(claimed).toMatchObject({ state: 'SENDING', decidedBy: 'bruno', decisionReason: 'seen' });
      expect(await stores()[0].reject(id, 'carla', 'late')).toBeNull();
      expect(await stores()[1].content(id)).toEqual(TEXT);
    });

    it('5: once sent its content is gone, and both journals tell of it', async () => {
      const [original, copy] = [acceptanceRecord(), acceptanceRecord()];
      for (const record of [original, copy]) await nodes()[0].messages.accept(record);
      const { id } = await proposed({ messageId: original.message.id });
      expect(await stores()[0].sent(id, copy.message.id)).toBeNull();
      await stores()[0].claim(id, 'bruno', null);
      const sent = await stores()[1].sent(id, copy.message.id);
      expect(sent).toMatchObject({ state: 'SENT', sentAs: copy.message.id });
      expect(await stores()[0].content(id)).toBeNull();
      for (const { message } of [original, copy]) {
        const events = await nodes()[1].trace.timeline(message.id);
        expect(events.filter(({ event }) => event === 'message.corrected')).toMatchObject([
          {
            by: 'operator:bruno',
            detail: { original: original.message.id, copy: copy.message.id, by: 'anna', receiver: 'c_h007' },
          },
        ]);
      }
    });

    it('5: refused for good it loses its content; refused for now it can be approved again', async () => {
      const [forNow, forGood] = [await proposed(), await proposed()];
      for (const { id } of [forNow, forGood]) await stores()[0].claim(id, 'bruno', null);
      expect(await stores()[0].refused(forNow.id, 'overloaded', true)).toMatchObject({ state: 'PROPOSED' });
      expect(await stores()[1].claim(forNow.id, 'bruno', null)).toMatchObject({ state: 'SENDING' });
      expect(await stores()[0].refused(forGood.id, 'agreement-suspended', false)).toMatchObject({
        state: 'REFUSED',
        fault: 'agreement-suspended',
      });
      expect([await stores()[1].content(forNow.id), await stores()[1].content(forGood.id)]).toEqual([TEXT, null]);
    });

    it('5: rejected it is gone, with who and why', async () => {
      const { id } = await proposed();
      expect(await stores()[0].reject(id, 'anna', 'mistaken')).toMatchObject({
        state: 'REJECTED',
        decidedBy: 'anna',
        decisionReason: 'mistaken',
      });
      expect([await stores()[1].claim(id, 'bruno', null), await stores()[1].content(id)]).toEqual([null, null]);
    });
  });
}
