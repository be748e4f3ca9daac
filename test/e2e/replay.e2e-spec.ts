import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { http } from '../support/client.js';
import { ADMIN_TOKEN } from '../support/gateway.js';
import { sendMany } from '../support/load.js';
import { TOKENS } from '../support/operators.js';
import { codeOf } from '../support/query-stage.js';
import { KEYS } from '../support/registry.js';
import { answerWhen, replayStage, type DeliveryView, type JobView, type ReplayStage } from '../support/replay-stage.js';
import { BULK_MS, ofRegion, postsOf, replayOrders, type Groups } from '../support/replay-orders.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const MANY = 2_000;
const HELD_MS = 2_500;
/** What may still end after a pause was answered. */
const TURN_MS = 1_000;
const RETRY = { action: 'retry', reason: 'the registry office is back' } as const;

describe.each(SHAPES)('replay, %s', (_name, lay) => {
  let ground: Ground;
  let stage: ReplayStage;

  beforeAll(async () => {
    ground = await lay();
    stage = await replayStage(ground);
  }, 120_000);

  afterAll(async () => {
    await stage.stop();
    await ground.stop();
  }, 60_000);

  const { regioneAnswers, preview, create, ended, itemsOf, turn, deliveries, failSome, toPratola } = replayOrders(
    () => stage,
  );

  it('5: 2,000 that failed are grouped, replayed at a rate, held back, and go on after kill -9 without a double', async () => {
    regioneAnswers(400);
    const { ids } = await sendMany(stage.gateway.url, MANY, 16);
    expect(ids).toHaveLength(MANY);
    const { groups } = await answerWhen<Groups>(stage, 'dead-letters', ({ counted }) => counted === MANY, BULK_MS);
    expect(groups).toMatchObject([
      {
        cause: { code: 'receiver-refused', blame: 'receiver', retryable: false },
        system: 'regione.anagrafe',
        service: 'VariazioneAnagrafica',
        count: MANY,
        retried: 0,
      },
    ]);
    expect(ids).toContain(groups[0]!.example);

    const order = { ...RETRY, filter: groups[0]!.filter, rate: 400 };
    expect(await preview(order)).toMatchObject({
      order: { rate: 400, again: false, system: null },
      total: MANY,
      more: false,
      states: { FAILED: MANY },
      confirm: null,
    });
    regioneAnswers(200);
    const began = Date.now();
    const job = await create(order);
    expect(job).toMatchObject({ state: 'RUNNING', total: MANY, operator: 'platform', reason: RETRY.reason });
    const running = (enough: number) => answerWhen<JobView>(stage, `jobs/${job.id}`, ({ done }) => done >= enough);
    await running(200);
    expect(await turn(job.id, 'pause?reason=the+office+asks')).toMatchObject({ state: 'PAUSED' });
    await pause(HELD_MS);
    const held = (await stage.admin('GET', `jobs/${job.id}`)).json<JobView>();
    expect(held.waiting).toBeGreaterThan(0);
    expect(codeOf(await stage.admin('POST', `jobs/${job.id}/pause`))).toEqual([409, 'job-state-wrong']);
    expect(await turn(job.id, 'rate?rate=300')).toMatchObject({ state: 'PAUSED', rate: 300 });
    expect(await turn(job.id, 'resume')).toMatchObject({ state: 'RUNNING' });
    const before = await running(held.done + 150);
    expect(before.state).toBe('RUNNING');
    await stage.killAndStart();

    const after = await ended(job.id);
    expect(after).toMatchObject({ total: MANY, done: MANY, skipped: 0, failed: 0, waiting: 0 });
    expect(Date.now() - began).toBeGreaterThan((MANY / 400) * 1000);
    const items = await itemsOf(job.id);
    expect(items.map(({ n, result }) => [n, result])).toEqual(items.map((_, at) => [at + 1, 'done']));
    expect(new Set(items.map(({ messageId }) => messageId))).toEqual(new Set(ids));

    const [, paused, , resumed] = after.history.map(({ at }) => Date.parse(at));
    const times = items.map(({ at }) => Date.parse(at!));
    expect(times.filter((at) => at > paused! + TURN_MS && at < resumed!)).toEqual([]);
    expect(after.history.map(({ act, by }) => `${by} ${act}`)).toEqual(
      ['created', 'paused', 'rate', 'resumed'].map((act) => `platform ${act}`),
    );

    const delivered = () => deliveries('state=DELIVERED&receiver=regione.anagrafe');
    await answerWhen<Groups>(stage, 'dead-letters', ({ counted }) => counted === 0, BULK_MS);
    await expectOnce(await waitFor(delivered, (all) => all.length === MANY), job.id);
  }, 600_000);

  /** A try that was under way when the node was killed is made again; nothing else may come twice. */
  async function expectOnce(all: readonly DeliveryView[], job: string) {
    const posts = postsOf(stage.regione);
    const strange = all.filter(({ deliveryId, attempts }) => attempts !== 2 || posts.get(deliveryId) !== 2);
    expect(strange.length).toBeLessThanOrEqual(8);
    for (const { messageId, deliveryId } of strange) {
      const told = await stage.admin('GET', `messages/${messageId}/timeline`);
      const { entries } = told.json<{ entries: readonly { event: string; job?: string; by: string }[] }>();
      expect(entries.filter(({ event }) => event === 'delivery.retried')).toMatchObject([
        { job, by: 'operator:platform' },
      ]);
      const recovered = entries.filter(({ event }) => event === 'delivery.requeued').length;
      expect(recovered).toBeGreaterThan(0);
      expect(posts.get(deliveryId)).toBeLessThanOrEqual(2 + recovered);
    }
  }

  async function waitFor<T>(get: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
    for (const end = Date.now() + BULK_MS; ; await pause(250)) {
      const value = await get();
      if (wanted(value)) return value;
      if (Date.now() > end) throw new Error('it did not come about');
    }
  }

  it('5: what was delivered is sent again only by who says so twice, and each item says why it was skipped', async () => {
    const ids = await failSome(3);
    regioneAnswers(200);
    await ended((await create({ ...RETRY, filter: { ids } })).id);
    const all = await waitFor(
      () => deliveries(`ids=${ids.join(',')}&state=DELIVERED`),
      ({ length }) => length === 3,
    );
    const posts = () => all.map(({ deliveryId }) => postsOf(stage.regione).get(deliveryId));
    expect(posts()).toEqual([2, 2, 2]);

    const order = { ...RETRY, filter: { ids } };
    const once = await create(order);
    expect(await ended(once.id)).toMatchObject({ total: 3, done: 0, skipped: 3 });
    for (const item of await itemsOf(once.id))
      expect(item).toMatchObject({ seen: 'DELIVERED', result: 'skipped', why: expect.stringContaining('delivered') });

    const again = { ...order, again: true };
    expect(codeOf(await stage.admin('POST', 'jobs', again))).toEqual([428, 'confirmation-missing']);
    const { confirm, total } = await preview(again);
    expect([confirm, total]).toEqual(['send 3 delivered again', 3]);
    expect(codeOf(await stage.admin('POST', 'jobs', { ...again, confirm: 'send 2 delivered again' }))).toEqual([
      428,
      'confirmation-missing',
    ]);
    expect(posts()).toEqual([2, 2, 2]);
    expect(await ended((await create({ ...again, confirm })).id)).toMatchObject({ done: 3 });
    await waitFor(
      () => Promise.resolve(posts()),
      (now) => now.every((count) => count === 3),
    );
    expect((await preview({ action: 'retry', filter: ofRegion })).total).toBe(0);
  });

  it('5: goes to another system of the receiver, under the same key, and nowhere that is not theirs', async () => {
    const ids = await failSome(4);
    const order = { ...RETRY, filter: { ...ofRegion, ids }, system: 'regione.riserva' };
    for (const system of ['sulmona.anagrafe', 'https://stranger.example/in', 'raiano.anagrafe']) {
      const refused = await stage.admin('POST', 'jobs', { ...order, system });
      expect(codeOf(refused)).toEqual([400, 'parameter-wrong']);
      expect(refused.json()).toMatchObject({ place: 'system', expected: 'regione.anagrafe, regione.riserva' });
    }
    const anybody = await stage.admin('POST', 'jobs', { ...order, filter: { ids } });
    expect(anybody.json()).toMatchObject({ code: 'parameter-wrong', place: 'filter.receiver' });
    expect(await ended((await create(order)).id)).toMatchObject({ done: 4 });
    await waitFor(
      () => Promise.resolve(stage.riserva.received),
      ({ length }) => length === 4,
    );
    const sent = await deliveries(`ids=${ids.join(',')}`);
    expect(new Set(sent.map(({ system }) => system))).toEqual(new Set(['regione.riserva']));
    expect(postsOf(stage.riserva)).toEqual(new Map(sent.map(({ deliveryId }) => [deliveryId, 1])));
    const told = await stage.admin('GET', `messages/${ids[0]}/timeline`);
    expect(told.text).toContain('"system":"regione.riserva"');
  });

  it('5: withdraws what waits; an operator acts on its own scope, and sees no job that is wider', async () => {
    const ids = [await toPratola(), await toPratola(), await toPratola()];
    const failed = await failSome(2);
    await waitFor(
      () => deliveries('state=AVAILABLE'),
      ({ length }) => length === 3,
    );
    const cancel = { action: 'cancel', reason: 'sent by mistake', filter: { receiver: 'c_h007' } };
    expect(await preview(cancel)).toMatchObject({ total: 3, states: { AVAILABLE: 3 } });
    const wide = await create(cancel);
    expect(await ended(wide.id)).toMatchObject({ done: 3 });
    const { rounds } = (await stage.admin('GET', 'system')).json<{ rounds: readonly { readonly name: string }[] }>();
    expect(rounds).toContainEqual(
      expect.objectContaining({
        name: 'jobs',
        fault: null,
        done: expect.objectContaining({ obeyed: expect.any(Number) }),
      }),
    );
    const box = await http(`${stage.gateway.url}/box/messages?max=10`, { key: KEYS.pratola });
    for (const id of ids) expect(box.text).not.toContain(id);

    const { centre, raiano, sulmona } = TOKENS;
    const get = (path: string, token: string) => stage.admin('GET', path, undefined, token);
    const groupsOf = async (token: string) => (await get('dead-letters', token)).json<Groups>().counted;
    expect([await groupsOf(centre), await groupsOf(raiano), await groupsOf(sulmona)]).toEqual([0, 0, 2]);
    const theirs = await create({ ...RETRY, filter: { states: ['CANCELLED', 'FAILED'] } }, centre);
    expect(await ended(theirs.id)).toMatchObject({ total: 3, done: 3, operator: 'centre' });
    expect(new Set((await itemsOf(theirs.id)).map(({ messageId }) => messageId))).toEqual(new Set(ids));
    await waitFor(
      () => deliveries('state=AVAILABLE'),
      ({ length }) => length === 3,
    );
    expect((await deliveries(`ids=${failed.join(',')}`)).map(({ state }) => state)).toEqual(['FAILED', 'FAILED']);

    expect(codeOf(await stage.admin('POST', 'jobs', cancel, sulmona))).toEqual([403, 'operator-not-allowed']);
    for (const path of [`jobs/${wide.id}`, `jobs/${wide.id}/items`])
      expect(codeOf(await get(path, centre))).toEqual([404, 'job-unknown']);
    expect(codeOf(await stage.admin('POST', `jobs/${wide.id}/cancel`, undefined, centre))).toEqual([
      404,
      'job-unknown',
    ]);
    const listed = (await get('jobs', centre)).json<{ items: readonly JobView[] }>();
    expect(listed.items.map(({ id }) => id)).toEqual([theirs.id]);
    expect((await get(`jobs/${theirs.id}`, ADMIN_TOKEN)).status).toBe(200);
    const other = { ...RETRY, filter: { receiver: 'r_abruzz' }, system: 'regione.riserva' };
    expect(codeOf(await stage.admin('POST', 'jobs', other, centre))).toEqual([403, 'operator-not-allowed']);
  });

  it('5: the command groups, previews, replays and follows', async () => {
    await failSome(2);
    const run = async (...args: string[]) => {
      const all = ['dist/cli/crocevia.js', '--url', stage.gateway.url, '--token', ADMIN_TOKEN, ...args];
      return promisify(execFile)(process.execPath, all).then(
        ({ stdout }) => stdout,
        ({ stderr }: { stderr: string }) => stderr,
      );
    };
    const shown = await run('dead-letters', '--receiver', 'regione.anagrafe');
    const [, filter = ''] = /crocevia replay --preview (.+)/.exec(shown) ?? [];
    expect(shown).toContain('receiver must act: Sender and receiver must agree');
    const ours = filter.split(' ');
    expect(await run('replay', '--preview', ...ours)).toMatch(/^retry: 4 \(4 FAILED\), 50\/s\n/);
    expect(await run('replay', ...ours)).toContain('--preview');
    regioneAnswers(200);
    const made = await run('replay', ...ours, '--reason', 'back again', '--rate', '1');
    const [, id = ''] =
      /^(\S+) {2}RUNNING retry 0 of 4 \(0 skipped, 0 failed\) 1\/s by platform: back again\n$/.exec(made) ?? [];
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await run('jobs', 'pause', id, '--reason', 'wait')).toContain('PAUSED');
    expect(await run('jobs', 'rate', id, '100')).toContain('100/s');
    expect(await run('jobs', 'resume', id)).toContain('RUNNING');
    await ended(id);
    expect(await run('jobs', 'show', id)).toContain('DONE retry 4 of 4');
    expect(await run('jobs')).toContain(id);
    expect((await run('jobs', 'items', id)).match(/ done /g)).toHaveLength(4);
    expect(await run('jobs', 'cancel', id)).toContain('The job is DONE.');
  });

  it.each([
    [{}, 'action'],
    [{ action: 'retry', reason: 'x' }, 'filter'],
    [{ action: 'again', filter: {}, reason: 'x' }, 'action'],
    [{ action: 'retry', filter: {}, reason: ' ' }, 'reason'],
    [{ action: 'retry', filter: {} }, 'reason'],
    [{ action: 'retry', filter: { reciever: 'x' }, reason: 'x' }, 'filter.reciever'],
    [{ action: 'retry', filter: { receiver: 'a\0b' }, reason: 'x' }, 'filter.receiver'],
    [{ action: 'retry', filter: { states: ['LOST'] }, reason: 'x' }, 'filter.states.0'],
    [{ action: 'retry', filter: { fault: 'nothing' }, reason: 'x' }, 'filter.fault'],
    [{ action: 'retry', filter: { endedAfter: 'yesterday' }, reason: 'x' }, 'filter.endedAfter'],
    [{ action: 'retry', filter: { endedAfter: '2026-06-30T23:59:60Z' }, reason: 'x' }, 'filter.endedAfter'],
    [{ action: 'retry', filter: { ids: ['1'] }, reason: 'x' }, 'filter.ids.0'],
    [{ action: 'retry', filter: {}, reason: 'x', rate: 5_000 }, 'rate'],
    [{ action: 'cancel', filter: ofRegion, reason: 'x', system: 'regione.riserva' }, 'system'],
  ])('5: %j: %s is not right', async (order, place) => {
    const answer = await stage.admin('POST', 'jobs', order);
    expect(answer.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place });
  });

  it.each([
    ['GET', 'deliveries?state=LOST', 400, 'parameter-wrong'],
    ['GET', 'deliveries?before=x', 400, 'parameter-wrong'],
    ['GET', 'deliveries?acceptedAfter=2026-01-01T00:00:00Z', 422, 'filter-too-wide'],
    ['GET', 'dead-letters?endedAfter=2026-01-01T00:00:00Z', 400, 'parameter-wrong'],
    ['GET', 'jobs?before=x', 400, 'parameter-wrong'],
    ['GET', 'jobs/nothing', 404, 'job-unknown'],
    ['POST', 'jobs/nothing/resume', 404, 'job-unknown'],
    ['POST', 'jobs/nothing/rate?rate=0', 400, 'parameter-wrong'],
  ] as const)('5: %s %s: %i %s', async (method, path, status, code) => {
    expect(codeOf(await stage.admin(method, path))).toEqual([status, code]);
  });
});
