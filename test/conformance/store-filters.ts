import type { Store } from '../../src/store/open-store.js';
import { fresh } from '../support/ledger-records.js';

/** The promises of FilterStore, over two nodes. */
export function filterCases(nodes: () => readonly [Store, Store]): void {
  describe('saved filters', () => {
    const [here, there] = [() => nodes()[0], () => nodes()[1]];
    const named = (name: string) => ({ name, filter: `q=${encodeURIComponent(name)}&state=REJECTED` });

    it('2. are those of all nodes, by operator and page; what is kept last stands', async () => {
      const [anna, bruno] = [fresh('anna'), fresh('bruno')];
      const filters = [named('di oggi'), named('perché è "così" \\u0000 🙂')];
      expect(await here().filters.keep(anna, 'messages', [named('di ieri')], 5)).toBe(true);
      expect(await there().filters.keep(anna, 'messages', filters, 5)).toBe(true);
      expect(await there().filters.keep(anna, 'audit', [named('tutto')], 5)).toBe(true);
      expect(await here().filters.list(anna)).toEqual([
        { page: 'audit', filters: [named('tutto')] },
        { page: 'messages', filters },
      ]);
      expect(await here().filters.list(bruno)).toEqual([]);
      await there().filters.forget(anna, 'audit');
      expect(await here().filters.list(anna)).toEqual([{ page: 'messages', filters }]);
    });

    it('2. are of so many pages at most, of which each can still change', async () => {
      const anna = fresh('anna');
      const keep = (page: string, name: string) => here().filters.keep(anna, page, [named(name)], 2);
      expect([await keep('a', '1'), await keep('b', '1'), await keep('c', '1')]).toEqual([true, true, false]);
      expect(await keep('a', '2')).toBe(true);
      expect((await there().filters.list(anna)).map(({ page, filters }) => [page, filters[0]?.name])).toEqual([
        ['a', '2'],
        ['b', '1'],
      ]);
    });

    it('2. go with the account of their operator, and with no other', async () => {
      const [anna, bruno] = [fresh('anna'), fresh('bruno')];
      for (const operator of [anna, bruno]) {
        await here().accounts.reset(operator, 'scrypt$1');
        await here().filters.keep(operator, 'messages', [named('miei')], 5);
      }
      await there().accounts.reset(anna, 'scrypt$2');
      expect(await here().filters.list(anna)).toHaveLength(1);
      expect(await there().accounts.remove(anna)).toBe(true);
      expect([await here().filters.list(anna), await there().accounts.remove(anna)]).toEqual([[], false]);
      expect(await here().filters.list(bruno)).toHaveLength(1);
    });
  });
}
