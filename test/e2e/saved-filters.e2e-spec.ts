import { rm } from 'node:fs/promises';
import { openBrowser } from '../support/browser.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { writeRegistry } from '../support/registry.js';

describe('filters that operators save, embedded', () => {
  let gateway: RunningGateway;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const FILTERS = '/admin/session/filters';
  const mine = [{ name: 'Rifiutati di Sulmona', filter: 'state=REJECTED&sender=c_i804' }];
  const listed = async (who: OperatorName) =>
    (await http(`${gateway.url}${FILTERS}`, { headers: bearer(who) })).json<{ items: object[] }>().items;
  const save = (who: OperatorName, page: string, filters: unknown) =>
    http(`${gateway.url}${FILTERS}/${page}`, { method: 'PUT', headers: bearer(who), body: { filters } });

  it('2. are the operator’s own, at whatever browser and with a token, and nobody else’s', async () => {
    const saved = await save('raiano', 'messages', mine);
    expect([saved.status, saved.json()]).toEqual([200, { page: 'messages', filters: mine }]);
    expect(await listed('raiano')).toEqual([{ page: 'messages', filters: mine }]);
    for (const other of ['platform', 'auditor', 'auditor-raiano'] as const) expect(await listed(other)).toEqual([]);
    expect((await save('raiano', 'messages', [])).json()).toEqual({ page: 'messages', filters: [] });
    expect(await listed('raiano')).toEqual([]);
  });

  it('2. a browser sees what a token saved, changes it, and all goes with the account', async () => {
    const path = `${gateway.url}/admin/operators/sulmona/account`;
    const made = await http(path, { method: 'POST', headers: bearer('platform') });
    const { password } = made.json<{ password: string }>();
    const browser = openBrowser(gateway.url);
    await browser.ask('/admin/session', { body: { operator: 'sulmona', password } });
    const changed = { password, newPassword: 'una frase lunga e propria' };
    await browser.ask('/admin/session/password', { method: 'PUT', body: changed });
    await save('sulmona', 'audit', mine);
    expect((await browser.ask(FILTERS)).json()).toEqual({ items: [{ page: 'audit', filters: mine }] });
    const body = { filters: [...mine, { name: 'Tutti', filter: '' }] };
    expect((await browser.ask(`${FILTERS}/audit`, { method: 'PUT', body })).status).toBe(200);
    const forged = { method: 'PUT', body, headers: { 'x-csrf-token': 'another' } } as const;
    expect((await browser.ask(`${FILTERS}/audit`, forged)).status).toBe(403);
    expect(await listed('sulmona')).toEqual([{ page: 'audit', ...body }]);
    expect((await http(path, { method: 'DELETE', headers: bearer('platform') })).status).toBe(204);
    expect(await listed('sulmona')).toEqual([]);
  });

  it('2. more or longer ones, and those of no page, are refused with their place; what was saved stays', async () => {
    await save('centre', 'messages', mine);
    const wrong = async (page: string, filters: unknown) => (await save('centre', page, filters)).json();
    const tooMany = Array.from({ length: 21 }, (_, n) => ({ name: `n${n}`, filter: '' }));
    const told = { status: 400, code: 'parameter-wrong' };
    expect(await wrong('messages', tooMany)).toMatchObject({ ...told, place: 'filters' });
    expect(await wrong('messages', [{ name: 'a', filter: '\ud83d' }])).toMatchObject({ status: 400 });
    expect(await wrong('messages', [{ name: 'n'.repeat(81), filter: '' }])).toMatchObject({
      ...told,
      place: 'filters.0.name',
    });
    expect(await wrong('..%2Faudit', mine)).toMatchObject({ ...told, place: 'page' });
    const pageOf = (n: number) => `p-${String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26))}`;
    for (let n = 0; n < 49; n++) expect((await save('centre', pageOf(n), mine)).status).toBe(200);
    expect(await wrong('one-more', mine)).toMatchObject({ ...told, place: 'page' });
    expect((await listed('centre')).length).toBe(50);
    expect(await listed('centre')).toContainEqual({ page: 'messages', filters: mine });
  });
});
