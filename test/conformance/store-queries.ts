import type { QueryRecord } from '../../src/query/ports.js';
import type { Store } from '../../src/store/open-store.js';
import { acceptanceRecord } from '../support/ledger-records.js';

/** The promises of QueryTrace; two nodes may be one store where the shape allows one only. */
export function queryCases(nodes: () => readonly [Store, Store]): void {
  describe('questions', () => {
    it('6: are told in their order, also where asking and answering fell into one millisecond', async () => {
      const records = Array.from({ length: 3 }, (_, ms): QueryRecord => {
        const { message } = acceptanceRecord();
        return {
          message,
          receiver: { participant: 'c_h007', system: 'pratola' },
          end: { kind: 'answered', status: 200, size: 2 },
          endedAt: new Date(message.acceptedAt.getTime() + ms),
          stations: [{ station: 'cache', ms: 0.1 }],
        };
      });
      await Promise.all(records.map((record) => nodes()[0].queries.record(record)));
      for (const { message, stations } of records)
        expect(await nodes()[1].trace.timeline(message.id)).toMatchObject([
          { event: 'query.asked', detail: { receiver: 'c_h007' } },
          { event: 'query.answered', detail: { status: 200, size: 2, stations } },
        ]);
    });
  });
}
