import { v7 as uuid } from 'uuid';
import type { ReportSchedule } from '../../src/reports/schedule.js';
import type { Store } from '../../src/store/open-store.js';

const HOUR_MS = 3_600_000;

/** The promises of ScheduleStore, over two nodes. */
export function scheduleCases(nodes: () => readonly [Store, Store]): void {
  describe('report schedules', () => {
    const [one, other] = [() => nodes()[0].schedules, () => nodes()[1].schedules];
    const schedule = (over: Partial<ReportSchedule> = {}): ReportSchedule => ({
      id: uuid(),
      kind: 'volumes',
      by: 'participant',
      format: 'csv',
      every: 'week',
      to: ['anna@comune.example', 'ced@comune.example'],
      owner: `anna-${uuid().slice(-6)}`,
      nextAt: new Date(Date.now() + HOUR_MS),
      sentAt: null,
      error: null,
      ...over,
    });
    const isDue = async (id: string, retryMs = HOUR_MS) =>
      (await other().due(retryMs, 1_000)).some((each) => each.id === id);

    it('7: is found and listed by every node, by its owner or among all, and removed', async () => {
      const made = schedule();
      expect(await one().add(made, 20)).toBe(true);
      expect(await other().find(made.id)).toEqual(made);
      expect(await other().list(made.owner)).toEqual([made]);
      expect((await other().list(null)).map(({ id }) => id)).toContain(made.id);
      expect(await other().list('nobody')).toEqual([]);
      await other().remove(made.id);
      expect(await one().find(made.id)).toBeNull();
    });

    it('7: an owner has at most so many', async () => {
      const { owner } = schedule();
      for (let n = 0; n < 3; n++) expect(await one().add(schedule({ owner }), 3)).toBe(true);
      expect(await other().add(schedule({ owner }), 3)).toBe(false);
      expect(await other().list(owner)).toHaveLength(3);
    });

    it('7: is due from its time on; sent, it is due at its next one, and what had failed is forgotten', async () => {
      const [past, future] = [new Date(Date.now() - 1_000), new Date(Date.now() + HOUR_MS)];
      const [early, late] = [schedule({ nextAt: past }), schedule({ nextAt: future })];
      for (const each of [early, late]) await one().add(each, 20);
      expect([await isDue(early.id), await isDue(late.id)]).toEqual([true, false]);
      await one().failed(early.id, 'the server was away');
      expect([await isDue(early.id), await isDue(early.id, 0)]).toEqual([false, true]);
      expect(await other().find(early.id)).toMatchObject({ error: 'the server was away', sentAt: null });
      await other().sent(early.id, future);
      expect(await one().find(early.id)).toMatchObject({ error: null, nextAt: future, sentAt: expect.any(Date) });
      expect(await isDue(early.id, 0)).toBe(false);
    });
  });
}
