import { v7 as uuid } from 'uuid';
import type { AcceptanceRecord } from '../../src/acceptance/ports.js';
import { openStore, type Store } from '../../src/store/open-store.js';
import { http } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { acceptanceRecord, refOf } from '../support/ledger-records.js';
import { asOperator } from '../support/query-stage.js';
import { writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;
const DAYS = { CROCEVIA_CONTENT_DAYS: '30', CROCEVIA_RECORD_DAYS: '400' };

/** Accepted so many days ago; its system is one that nobody serves. */
async function aged(store: Store, days: number): Promise<AcceptanceRecord> {
  const acceptedAt = new Date(Date.now() - days * DAY_MS);
  await store.sweeper.preparePartitions(0, acceptedAt);
  const record = acceptanceRecord({ message: { id: uuid({ msecs: acceptedAt.getTime() }), acceptedAt } });
  await store.messages.accept(record);
  return record;
}

async function delivered(store: Store, record: AcceptanceRecord): Promise<AcceptanceRecord> {
  const claim = await store.ledger.claim(refOf(record), { owner: 'retention', ms: 60_000 });
  await store.ledger.settle(claim!, { state: 'DELIVERED' });
  return record;
}

describe.each(SHAPES)('a ledger of two years, %s', (_shape, start) => {
  let ground: Ground;
  let gateway: RunningGateway;
  let records: Record<'young' | 'old' | 'open' | 'ancient' | 'ancientOpen', AcceptanceRecord>;

  beforeAll(async () => {
    ground = await start();
    const { DATABASE_URL = null, CROCEVIA_DATA_DIR = '' } = ground.env;
    const store = await openStore({ databaseUrl: DATABASE_URL, dataDir: CROCEVIA_DATA_DIR, owner: 'retention' });
    records = {
      young: await delivered(store, await aged(store, 29)),
      old: await delivered(store, await aged(store, 31)),
      open: await aged(store, 31),
      ancient: await delivered(store, await aged(store, 402)),
      ancientOpen: await aged(store, 404),
    };
    await store.close();
    gateway = await startGateway({
      ...ground.env,
      ...DAYS,
      CROCEVIA_REGISTRY_DIR: await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } }),
    });
  }, 120_000);

  afterAll(async () => {
    await gateway.kill9();
    await ground.stop();
  }, 60_000);

  const read = (name: keyof typeof records, what = '') =>
    http(`${gateway.url}/admin/messages/${records[name].message.id}${what}`, asOperator);

  it('10: contents go before their records, records by the day, and never an open delivery', async () => {
    await until(async () => (await read('old', '/content')).status === 404);
    expect((await read('old', '/content')).text).toContain('no contents are kept');
    expect((await read('old')).json()).toMatchObject({ state: 'COMPLETED' });
    for (const kept of ['young', 'open', 'ancientOpen'] as const)
      expect([kept, (await read(kept, '/content')).text]).toEqual([kept, records[kept].content.toString()]);
    await until(async () => (await read('ancient')).status === 404);
    expect((await read('ancient')).json()).toMatchObject({ code: 'message-unknown' });
    expect((await read('ancientOpen')).json()).toMatchObject({ state: 'ACCEPTED' });
  });
});
