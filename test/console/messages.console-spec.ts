import { randomUUID } from 'node:crypto';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, logInAt, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { bearer } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';

const TO_PRATOLA = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';

describe('the console: log-in, messages and one message', () => {
  let stage: ConsoleStage;
  let pratola: Receiver;
  const send = (body: object = noticeJson()) =>
    http(`${stage.gateway.url}${TO_PRATOLA}`, {
      method: 'POST',
      headers: { 'x-api-key': KEYS.sulmona, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    pratola = await startReceiver();
    stage = await consoleStage({ pratola: { channel: 'push-rest', url: pratola.url }, regione: { channel: 'box' } });
  }, 120_000);
  afterAll(async () => {
    await stage.stop();
    await pratola.stop();
  }, 60_000);

  it('1. without a session every address leads to the log-in, and back to where one wanted to go', async () => {
    const page = await stage.openNobody('/console/messages?state=REJECTED');
    const problems = watchProblems(page);
    await page.waitForURL('**/console/login?to=*');
    expect(await accessibilityProblems(page)).toEqual([]);
    await stage.open('platform');
    await logInAt(page, 'platform');
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/console/messages?state=REJECTED');
    await page.getByRole('heading', { level: 1, name: 'Messaggi' }).waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it('1. Italian first, English by a switch that is remembered', async () => {
    const page = await stage.open('platform');
    await page.getByRole('heading', { level: 1, name: 'Messaggi' }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Messages' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Messages' }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('en');
  }, 60_000);

  it('1. who leaves leaves nothing on the screen, live or not', async () => {
    const sent = idOf(await send());
    for (const isLive of [true, false]) {
      const page = await stage.open('platform', `/console/messages/${sent}`);
      const problems = watchProblems(page);
      await page.getByRole('button', { name: 'Mostra il contenuto' }).click();
      await page.locator('.cm-content').waitFor();
      if (!isLive) await page.getByLabel('Aggiornamento automatico').uncheck();
      await page.getByRole('button', { name: 'Esci' }).click();
      await page.waitForURL('**/console/login*');
      expect(await page.locator('body').innerText()).not.toMatch(/codiceFiscale|Storia|Platform/);
      expect(problems).toEqual([]);
    }
  }, 60_000);

  it('1. a session that is ended elsewhere leads to the log-in, and from there back', async () => {
    const page = await stage.open('region', '/console/flows');
    const problems = watchProblems(page);
    await page.getByRole('heading', { level: 1, name: 'Flussi' }).waitFor();
    const headers = bearer('platform');
    await http(`${stage.gateway.url}/admin/operators/region/sessions`, { method: 'DELETE', headers });
    await page.getByRole('link', { name: 'Messaggi', exact: true }).click();
    await page.waitForURL('**/console/login?to=*');
    expect(new URL(page.url()).searchParams.get('to')).toMatch(/^\/(messages|flows)$/);
    await logInAt(page, 'region');
    await page.getByRole('heading', { level: 1, name: /Messaggi|Flussi/ }).waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it('2. messages newest first, each with a link to its story, deliveries and faults', async () => {
    const good = await send();
    expect(good.status).toBe(202);
    await statusWhen(stage.gateway.url, idOf(good), ({ state }) => state === 'COMPLETED');
    const bad = await send({ ...noticeJson(), soggetto: 'sbagliato' });
    expect(bad.status).toBe(400);
    const page = await stage.open('platform');
    const problems = watchProblems(page);
    const rows = page.locator('tbody tr[data-index]');
    await rows.first().waitFor();
    expect(await rows.first().locator('[data-state]').getAttribute('data-state')).toBe('REJECTED');
    expect(await rows.nth(1).locator('[data-state]').getAttribute('data-state')).toBe('COMPLETED');
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'messages');
    await rows.nth(1).getByRole('link').click();
    await page.getByRole('heading', { level: 2, name: 'Storia' }).waitFor();
    await page.locator('li[data-event="delivery.delivered"]').waitFor();
    await page.getByRole('button', { name: 'Mostra il contenuto' }).click();
    await page.locator('.cm-content').waitFor();
    expect(await page.locator('.cm-content').innerText()).toContain('codiceFiscale');
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'message');
    await page.getByLabel('Stadio').selectOption({ label: 'come lo riceve c_h007' });
    expect(page.url()).toContain('stage=');
    expect(await page.locator('.cm-content').count()).toBe(0);
    await page.getByRole('button', { name: 'Mostra il contenuto' }).click();
    await page.locator('.cm-content').waitFor();
    const given = page.getByRole('region', { name: 'Contenuto', exact: true });
    expect(await given.innerText()).toMatch(/idempotency-key[^]*codiceFiscale/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'message-given');
    expect(problems).toEqual([]);
  }, 60_000);

  it('2. a refused message says why, with each error', async () => {
    const refused = await send({ ...noticeJson(), soggetto: 'sbagliato' });
    const page = await stage.open('platform', `/console/messages/${idOf(refused)}`);
    await page.getByRole('heading', { name: 'Perché è stato rifiutato' }).waitFor();
    expect(await page.locator('.console-violations li').count()).toBeGreaterThan(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'message-refused');
    const why = page.locator('.console-fault').first();
    await why.getByText('Messaggio non conforme allo schema').waitFor();
    await why.getByText('Correggere ogni errore elencato').waitFor();
    // The gateway's own words are English on every page: WCAG 2.1, 3.1.2.
    expect(await why.locator('p[lang=en]').count()).toBe(1);
    await page.getByRole('button', { name: 'English' }).click();
    await why.getByText('Correct each listed error').waitFor();
  }, 60_000);

  it('6. what strangers write is shown and runs in no page', async () => {
    const evil = `<img src=x onerror="window.evil=1"><svg onload="window.evil=1"></svg>`;
    const refused = await send({ ...noticeJson(), [evil]: evil });
    expect(refused.status).toBe(400);
    const { residenzaNuova, ...rest } = noticeJson() as { residenzaNuova: object };
    const good = await send({ residenzaNuova: { ...residenzaNuova, denominazioneToponimo: evil }, ...rest });
    expect(good.status).toBe(202);
    const page = await stage.open('platform', `/console/messages/${idOf(refused)}`);
    const problems = watchProblems(page);
    await page.locator('.console-violations li').first().waitFor();
    expect(await page.locator('.console-violations').first().innerText()).toContain('onerror');
    expect(await page.evaluate(() => 'evil' in window)).toBe(false);
    await page.goto(`/console/messages/${idOf(good)}`);
    await page.getByRole('button', { name: 'Mostra il contenuto' }).click();
    await page.locator('.cm-content').getByText('onerror').first().waitFor();
    expect(await page.evaluate(() => 'evil' in window)).toBe(false);
    expect(problems).toEqual([]);
  }, 60_000);
});
