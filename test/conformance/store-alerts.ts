import { v7 as uuid } from 'uuid';
import type { Finding } from '../../src/alerts/ports.js';
import type { AlertRule } from '../../src/alerts/rules.js';
import type { Store } from '../../src/store/open-store.js';

const MINUTE_MS = 60_000;

/** The promises of AlertStore about rules and incidents, over two nodes; its facts are tried with what they are counted from. */
export function alertCases(nodes: () => readonly [Store, Store]): void {
  describe('alerts', () => {
    const [one, other] = [() => nodes()[0].alerts, () => nodes()[1].alerts];
    const finding = (over: Partial<Finding> = {}): Finding => {
      const subject = `sistema-${uuid().slice(-6)}`;
      return {
        cause: `queue-age ${subject}`,
        rule: 'queue-age',
        kind: 'queue-age',
        severity: 'warning',
        subject,
        participants: ['c_i804'],
        value: 4_000,
        threshold: 3_600,
        ...over,
      };
    };
    const incidents = async ({ cause }: Finding) =>
      (await other().list({}, { limit: 100 })).filter((each) => each.cause === cause);
    const opened = async (found: Finding) => {
      await one().record([found], MINUTE_MS);
      return (await incidents(found))[0]!;
    };

    it('6: a rule is written, written over and taken away, on every node', async () => {
      const rule: AlertRule = {
        id: `prova-${uuid().slice(-6)}`,
        kind: 'disk',
        enabled: true,
        severity: 'critical',
        threshold: 5,
        windowMinutes: 15,
        participant: null,
      };
      const kept = async () => (await other().rules()).filter(({ id }) => id === rule.id);
      await one().putRule(rule);
      await one().putRule({ ...rule, threshold: 7 });
      expect(await kept()).toEqual([{ ...rule, threshold: 7 }]);
      expect([await other().removeRule(rule.id), await one().removeRule(rule.id)]).toEqual([true, false]);
      expect(await kept()).toEqual([]);
    });

    it('6: one incident for a cause, whoever finds it and how often', async () => {
      const found = finding();
      await Promise.all([one(), other(), one()].map((store) => store.record([found], MINUTE_MS)));
      await other().record([{ ...found, value: 5_000 }], MINUTE_MS);
      expect(await incidents(found)).toMatchObject([
        { state: 'open', value: 5_000, subject: found.subject, participants: ['c_i804'], by: null },
      ]);
    });

    it('6: what is not found for a while is resolved, and found again it is another one', async () => {
      const found = finding();
      const { id } = await opened(found);
      await other().record([], MINUTE_MS);
      expect((await one().find(id))?.state).toBe('open');
      await other().record([], 0);
      expect(await one().find(id)).toMatchObject({ state: 'resolved', resolvedAt: expect.any(Date) });
      expect((await opened(found)).id).not.toBe(id);
    });

    it('6: news is told once; of what is silenced nothing is', async () => {
      const [loud, silent] = [finding(), finding()];
      const [first, second] = [await opened(loud), await opened(silent)];
      expect(await one().silence(second.id, 'anna', new Date(Date.now() + MINUTE_MS), 'works')).toBe(true);
      const newsOf = async () =>
        (await other().news(1_000)).filter(({ incident }) => [first.id, second.id].includes(incident.id));
      const told = await newsOf();
      expect(told.map(({ incident, what }) => [incident.id, what])).toEqual([[first.id, 'open']]);
      await one().told(told);
      expect(await newsOf()).toEqual([]);
      await one().record([], 0);
      expect((await newsOf()).map(({ incident, what }) => [incident.id, what])).toEqual([[first.id, 'resolved']]);
    });

    it('6: is acknowledged with who and why, and not once it is resolved', async () => {
      const { id } = await opened(finding());
      expect(await one().acknowledge(id, 'anna', 'I call the vendor')).toBe(true);
      expect(await other().find(id)).toMatchObject({ state: 'acknowledged', by: 'anna', reason: 'I call the vendor' });
      await one().record([], 0);
      expect([
        await one().acknowledge(id, 'anna', null),
        await one().silence(id, 'anna', new Date(Date.now() + MINUTE_MS), null),
      ]).toEqual([false, false]);
    });

    it('6: are listed by state, severity and body, newest first, in pages', async () => {
      const body = `c_${uuid().slice(-6)}`;
      const found = [finding({ participants: [body] }), finding({ participants: [body], severity: 'critical' })];
      const ids = [(await opened(found[0]!)).id, (await opened(found[1]!)).id];
      await one().record(found, MINUTE_MS);
      const listed = async (filter: object, page = {}) =>
        (await other().list({ concerning: [body], ...filter }, { limit: 10, ...page })).map(({ id }) => id);
      expect(await listed({})).toEqual(ids.toReversed());
      expect(await listed({}, { limit: 1 })).toEqual([ids[1]]);
      expect(await listed({}, { before: ids[1] })).toEqual([ids[0]]);
      expect(await listed({ severity: 'critical' })).toEqual([ids[1]]);
      expect(await listed({ state: 'resolved' })).toEqual([]);
    });
  });
}
