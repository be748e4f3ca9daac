import { Fault } from '../../src/message/fault.js';
import type { QueryRecord } from '../../src/query/ports.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord } from '../support/ledger-records.js';
import { firstIdAt } from '../../src/store/partitions.js';

const RECEIVER = { participant: 'c_h007', system: 'pratola' };
const FAULT = new Fault('answer-invalid', { detail: 'wrong' }).toRecord();
const HOUR_MS = 3_600_000;

function queryRecord(order: Partial<QueryRecord> = {}, id?: string): QueryRecord {
  const { message } = acceptanceRecord({ message: { profile: 'query', ...(id !== undefined && { id }) } });
  return {
    message,
    receiver: RECEIVER,
    content: null,
    end: { kind: 'answered', status: 200, size: 2, digest: 'ab' },
    endedAt: new Date(message.acceptedAt.getTime()),
    stations: [{ station: 'cache', ms: 0.1 }],
    answer: null,
    ...order,
  };
}

/** With the bytes of question and answer. */
function fullRecord(question: string, answer: string, order: Partial<QueryRecord> = {}): QueryRecord {
  const record = queryRecord({ content: Buffer.from(question), ...order });
  const { message } = acceptanceRecord({
    message: {
      profile: 'answer',
      sender: RECEIVER,
      relatesTo: record.message.id,
      messageId: `urn:crocevia:answer:${record.message.id}`,
    },
  });
  return { ...record, answer: { message, content: Buffer.from(answer) } };
}

/** The promises of QueryTrace; two nodes may be one store where the shape allows one only. */
export function queryCases(nodes: () => readonly [Store, Store]): void {
  const events = async (id: string) => (await nodes()[1].trace.timeline(id)).map(({ event }) => event);

  describe('questions', () => {
    it('6: are told in their order, also where asking and answering fell into one millisecond', async () => {
      const records = Array.from({ length: 3 }, (_, ms) => {
        const record = queryRecord();
        return { ...record, endedAt: new Date(record.message.acceptedAt.getTime() + ms) };
      });
      await Promise.all(records.map((record) => nodes()[0].queries.record(record)));
      for (const { message, stations } of records)
        expect(await nodes()[1].trace.timeline(message.id)).toMatchObject([
          { event: 'query.asked', detail: { receiver: 'c_h007' } },
          { event: 'query.answered', detail: { status: 200, size: 2, digest: 'ab', stations } },
        ]);
    });

    it('8: are told of an answer that came too late last of all', async () => {
      const record = queryRecord({ end: { kind: 'failed', fault: FAULT } });
      const outcome = { kind: 'answered', status: 200, headers: {}, body: Buffer.from('x') } as const;
      const { queries } = nodes()[0];
      const late = { id: record.message.id, outcome: { ...outcome, timing: { queued: 0, called: 0 } } };
      await Promise.all([queries.record(record), queries.late(late)]);
      const journal = await nodes()[1].trace.timeline(record.message.id);
      expect(journal.map(({ event, by }) => [event, by])).toEqual([
        ['query.asked', record.message.sender.system],
        ['query.failed', record.message.sender.system],
        ['query.late', 'gateway'],
      ]);
    });

    it('8: are kept with the bytes of question and answer where they are handed over, each its own', async () => {
      const records = ['one', 'two', ''].map((text) => fullRecord(`question ${text}`, text));
      const without = queryRecord();
      await Promise.all([...records, without].map((record) => nodes()[0].queries.record(record)));
      const { exchanges, trace } = nodes()[1];
      for (const { message, content, answer } of records) {
        expect(await exchanges.content(message.id)).toEqual(content);
        expect(await exchanges.content(answer!.message.id)).toEqual(answer!.content);
        expect((await exchanges.answersTo([message.id])).get(message.id)?.id).toBe(answer!.message.id);
        expect(await trace.status(answer!.message.id)).toMatchObject({ state: 'COMPLETED', receiver: 'c_i804' });
        expect(await events(answer!.message.id)).toEqual(['query.kept']);
      }
      expect(await exchanges.content(without.message.id)).toBeNull();
    });

    it('8: keep an answer that could not be handed on as refused: nobody is given it', async () => {
      const record = fullRecord('?', '!', { end: { kind: 'failed', fault: FAULT } });
      await nodes()[0].queries.record(record);
      expect((await nodes()[1].exchanges.answersTo([record.message.id])).size).toBe(0);
      const kept = await nodes()[1].trace.status(record.answer!.message.id);
      expect(kept).toMatchObject({ state: 'REJECTED', fault: FAULT });
    });

    it('8: are durable before they are asked, and their end before it is told, where that is wanted', async () => {
      const record = fullRecord('before', 'after');
      const { queries } = nodes()[0];
      await queries.open(record);
      expect(await nodes()[1].trace.status(record.message.id)).toMatchObject({ state: 'ACCEPTED', fault: null });
      expect([await events(record.message.id), await nodes()[1].exchanges.content(record.message.id)]).toEqual([
        ['query.asked'],
        record.content,
      ]);
      await queries.close(record);
      expect(await nodes()[1].trace.status(record.message.id)).toMatchObject({ state: 'COMPLETED' });
      expect(await events(record.message.id)).toEqual(['query.asked', 'query.answered']);
      expect(await nodes()[1].exchanges.content(record.answer!.message.id)).toEqual(record.answer!.content);
    });

    it('8: say that their end is unknown where the node was gone before it was written', async () => {
      const fault = new Fault('query-unfinished', { detail: 'gone' }).toRecord();
      const old = (ageMs: number) =>
        `${firstIdAt(Date.now() - ageMs).slice(0, 14)}7${queryRecord().message.id.slice(15)}`;
      const [abandoned, ended] = [queryRecord({}, old(HOUR_MS)), queryRecord({}, old(HOUR_MS))];
      const fresh = queryRecord();
      const { queries, sweeper } = nodes()[0];
      for (const record of [abandoned, ended, fresh]) await queries.open(record);
      await queries.close(ended);
      expect(await sweeper.endUnfinished(fault, 10)).toBe(1);
      expect(await nodes()[1].trace.status(abandoned.message.id)).toMatchObject({ state: 'PARTIALLY_FAILED', fault });
      expect(await events(abandoned.message.id)).toEqual(['query.asked', 'query.failed']);
      expect(await events(fresh.message.id)).toEqual(['query.asked']);
      expect(await sweeper.endUnfinished(fault, 10)).toBe(0);
    });

    it('8: show their bytes to an operator only once that stands in the journal', async () => {
      const record = fullRecord('secret', 'answer');
      await nodes()[0].queries.record(record);
      const { contents } = nodes()[1];
      const shown = await contents.view(record.message.id, 'anna', '::1');
      expect(shown).toEqual({ content: record.content, headers: record.message.headers });
      const journal = await nodes()[0].trace.timeline(record.message.id);
      expect(journal.at(-1)).toMatchObject({ event: 'message.viewed', by: 'operator:anna' });
      expect(await contents.view(queryRecord().message.id, 'anna', '::1')).toBeNull();
    });
  });
}
