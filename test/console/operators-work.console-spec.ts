import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { bearer } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';

describe('the console: edited copies, comparison, saved filters, first steps, rules', () => {
  let stage: ConsoleStage;
  let pratola: Receiver;
  let original: string;

  beforeAll(async () => {
    pratola = await startReceiver();
    stage = await consoleStage({
      pratola: { channel: 'push-rest', url: pratola.url, shape: 'json' },
      regione: { channel: 'box' },
    });
    pratola.answerWith((_received, reply) => reply.writeHead(400).end());
    const to = `${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    original = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    await statusWhen(stage.gateway.url, original, ({ state }) => state === 'PARTIALLY_FAILED');
    pratola.answerWith((_received, reply) => reply.writeHead(200).end());
  }, 120_000);
  afterAll(async () => {
    await stage.stop();
    await pratola.stop();
  }, 60_000);

  const write = async (page: Page, text: string) => {
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(text);
  };
  const shown = (page: Page) => page.locator('main [data-state]').first().getAttribute('data-state');

  it('5. is written by one, refused while it is wrong, and sent once another has looked at what changes', async () => {
    const page = await stage.open('region', `/console/messages/${original}`);
    const problems = watchProblems(page);
    await page.getByRole('link', { name: 'Correggi e reinvia' }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Apri il testo da correggere' }).click();
    await page.locator('.cm-content').waitFor();
    const notice = noticeJson('c_h007');
    await write(page, JSON.stringify({ ...notice, testata: null }, null, 2));
    await page.getByLabel('Motivo').fill('data di nascita errata');
    await page.getByRole('button', { name: 'Proponi la correzione' }).click();
    await page.getByText('Così il gateway la rifiuterebbe').waitFor();
    await page.locator('.cm-lintRange-error, .cm-lint-marker-error').first().waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'correction-refused');
    await write(page, JSON.stringify(notice, null, 2).replace('Rossi', 'Bianchi'));
    await page.getByRole('button', { name: 'Proponi la correzione' }).click();
    await page.waitForURL('**/console/corrections/*');
    await page.getByText('L’hai scritta tu').waitFor();
    expect(await page.getByRole('button', { name: 'Approva e invia' }).count()).toBe(0);
    expect(await shown(page)).toBe('PROPOSED');
    const address = new URL(page.url()).pathname;

    const other = await stage.open('platform', address);
    const others = watchProblems(other);
    await other.getByRole('button', { name: 'Mostra le modifiche' }).click();
    await other.locator('.console-diff .cm-content').waitFor();
    expect(await accessibilityProblems(other)).toEqual([]);
    await keepScreenshot(other, 'correction');
    await other.getByRole('button', { name: 'Approva e invia' }).click();
    await other.getByLabel('Motivo').fill('visto');
    expect(await accessibilityProblems(other)).toEqual([]);
    const received = pratola.received.length;
    await other.getByRole('dialog').getByRole('button', { name: 'Approva e invia' }).click();
    await other.locator('main [data-state=SENT]').waitFor();
    const copy = await other.locator('dl a').nth(1).innerText();
    await statusWhen(stage.gateway.url, copy, ({ state }) => state === 'COMPLETED');
    expect(pratola.received.length).toBe(received + 1);
    await other.locator('dl a').nth(1).click();
    await other.locator('li[data-event="message.corrected"]').waitFor();
    expect([problems, others]).toEqual([[], []]);
  }, 120_000);

  it('5. corrections are listed by their state, which stands in the address', async () => {
    const page = await stage.open('platform', '/console/corrections');
    const problems = watchProblems(page);
    await page.locator('tbody tr[data-index] [data-state=SENT]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Stato').selectOption('PROPOSED');
    await page.waitForURL('**/corrections?state=PROPOSED');
    await page.getByText('Nessun').first().waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it('5. a body’s own operator is offered neither the page nor the order', async () => {
    const page = await stage.open('sulmona', `/console/messages/${original}`);
    await page.getByRole('heading', { level: 2, name: 'Storia' }).waitFor();
    expect(await page.getByRole('link', { name: /Correggi e reinvia|Correzioni/ }).count()).toBe(0);
  }, 60_000);

  it('2. two messages are compared, fact by fact and line by line', async () => {
    const page = await stage.open('platform', '/console/messages');
    const problems = watchProblems(page);
    const boxes = page.locator('tbody input[type=checkbox]');
    await boxes.nth(1).waitFor();
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('link', { name: 'Confronta i due' }).click();
    await page.waitForURL('**/console/compare?a=*&b=*');
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) });
    await row('Stato').waitFor();
    expect(await row('Stato').locator('td').last().innerText()).toContain('sì');
    expect(await row('Mittente').locator('td').last().innerText()).toBe('no');
    await page.getByRole('button', { name: 'Confronta i contenuti' }).click();
    await page.locator('.console-diff .cm-content').waitFor();
    expect(await page.locator('.console-diff').innerText()).toMatch(/Rossi[^]*Bianchi|Bianchi[^]*Rossi/);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(problems).toEqual([]);
  }, 60_000);

  const save = async (page: Page, name: string) => {
    await page.getByLabel('Nome dei filtri di adesso').fill(name);
    await page.getByRole('button', { name: 'Salva questi filtri' }).click();
  };

  it('2. filters are saved under a name, per operator and page, at every browser, and forgotten', async () => {
    const page = await stage.open('platform', '/console/messages?state=REJECTED');
    const problems = watchProblems(page);
    await page.getByText('Filtri salvati (0)').click();
    await save(page, 'I miei rifiutati');
    await page.getByText('Filtri salvati (1)').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    const other = await stage.open('platform', '/console/messages');
    await other.getByText('Filtri salvati (1)').click();
    await other.getByRole('button', { name: 'I miei rifiutati', exact: true }).click();
    await other.waitForURL('**/messages?state=REJECTED');
    await other.getByRole('link', { name: 'Registro attività' }).click();
    await other.getByRole('heading', { level: 1, name: 'Registro attività' }).waitFor();
    expect(await other.getByText('I miei rifiutati').count()).toBe(0);
    const another = await stage.open('region', '/console/messages?state=REJECTED');
    await another.getByText('Filtri salvati (0)').waitFor();
    await page.getByRole('link', { name: 'Rielaborazioni' }).click();
    await page.getByRole('link', { name: 'Messaggi', exact: true }).click();
    await page.getByText('Filtri salvati (1)').click();
    await page.getByRole('button', { name: 'I miei rifiutati', exact: true }).click();
    await page.waitForURL('**/messages?state=REJECTED');
    await page.getByRole('button', { name: 'Dimentica I miei rifiutati' }).click();
    await page.getByText('Filtri salvati (0)').waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it('2. filters that a browser has kept go to the gateway once; one that is not saved is told', async () => {
    const page = await stage.open('platform', '/console/help');
    const key = 'crocevia.filters platform /messages';
    const kept = [{ name: 'Di prima', search: { state: 'REJECTED', q: 'a b&c' } }];
    await page.evaluate(([key, text]) => window.localStorage.setItem(key!, text!), [key, JSON.stringify(kept)]);
    await page.goto('/console/messages');
    await page.getByText('Filtri salvati (1)').click();
    await page.waitForFunction((key) => window.localStorage.getItem(key) === null, key);
    await page.getByRole('button', { name: 'Di prima', exact: true }).click();
    await page.waitForURL('**/messages?state=REJECTED&q=a+b%26c');
    const doors = '**/admin/session/filters/messages';
    await page.route(doors, (route) => route.abort());
    await save(page, 'Perduto');
    await page.getByRole('alert').getByText('Il gateway non risponde').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByText('Filtri salvati (1)').waitFor();
    await page.unroute(doors);
    await page.getByRole('button', { name: 'Salva questi filtri' }).click();
    await page.getByText('Filtri salvati (2)').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  }, 60_000);

  it('2. first steps tell how far the gateway is, and what each page is for', async () => {
    const page = await stage.open('platform', '/console/help');
    const problems = watchProblems(page);
    await page.locator('[data-step=message][data-done=true]').waitFor();
    expect(await page.locator('[data-done=true]').count()).toBe(4);
    const names = await page.locator('nav ul a').allInnerTexts();
    expect(await page.locator('dl dt').allInnerTexts()).toEqual(names.filter((name) => name !== 'Aiuto e primi passi'));
    for (const text of await page.locator('dl dd').allInnerTexts()) expect(text).toMatch(/^[A-ZÈ].{20}/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'First steps', exact: true }).waitFor();
    for (const text of await page.locator('dl dd').allInnerTexts()) expect(text).not.toMatch(/^about\./);
    expect(problems).toEqual([]);
  }, 60_000);

  it('6. a rule of the alerts is made, changed and taken back, and the channels are tried', async () => {
    const page = await stage.open('platform', '/console/alerts');
    const problems = watchProblems(page);
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`\\(${name}\\)`) });
    await page.getByRole('button', { name: 'Nuova regola' }).click();
    const dialog = page.getByRole('dialog');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Nome della regola').fill('coda-sulmona');
    await dialog.locator('select[name=kind]').selectOption('queue-depth');
    await dialog.getByLabel('Soglia').fill('50');
    await dialog.getByLabel('Solo per l’ente').fill('c_i804');
    await dialog.getByRole('button', { name: 'Salva' }).click();
    await row('coda-sulmona').getByText('50 consegne').waitFor();
    await row('coda-sulmona').getByRole('button', { name: 'Modifica' }).click();
    await dialog.getByRole('button', { name: 'Togli questa modifica' }).click();
    await row('coda-sulmona').waitFor({ state: 'detached' });
    await row('disk').getByRole('button', { name: 'Modifica' }).click();
    expect(await dialog.getByRole('button', { name: 'Togli questa modifica' }).count()).toBe(0);
    await dialog.getByLabel('Soglia').fill('5');
    await dialog.getByRole('button', { name: 'Salva' }).click();
    await row('disk').getByText('5 per cento libero').waitFor();
    await page.getByRole('button', { name: 'Prova i canali' }).click();
    await page.getByText('Nessun canale è impostato').waitFor();
    const other = await stage.open('sulmona', '/console/alerts');
    await other.getByRole('heading', { level: 2, name: 'Regole' }).waitFor();
    expect(await other.getByRole('button', { name: /Nuova regola|Modifica|Prova i canali/ }).count()).toBe(0);
    expect(problems).toEqual([]);
  }, 60_000);

  it('2. a queue is shown over time, and what waits in it gets another priority', async () => {
    const url = `${stage.gateway.url}/admin/systems/pratola.protocollo`;
    await http(`${url}/pause?reason=x`, { method: 'POST', headers: bearer('platform') });
    pratola.answerWith((_received, reply) => reply.writeHead(503).end());
    const page = await stage.open('platform', '/console/queues');
    const problems = watchProblems(page);
    await page.getByRole('link', { name: 'Mostra pratola.protocollo' }).click();
    await page.waitForURL('**/queues?of=pratola.protocollo');
    await page.locator('.console-charts canvas').nth(1).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await http(`${url}/resume?reason=x`, { method: 'POST', headers: bearer('platform') });
    const to = `${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const waiting = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    await statusWhen(stage.gateway.url, waiting, ({ deliveries }) => deliveries[0]?.state === 'WAITING_RETRY');
    await page.reload();
    await page.getByRole('button', { name: 'Cambia priorità pratola.protocollo' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Priorità, da 0').fill('7');
    await dialog.getByLabel('Motivo').fill('urgente');
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cambia priorità' }).click();
    await dialog.waitFor({ state: 'detached' });
    const timeline = await http(`${stage.gateway.url}/admin/messages/${waiting}/timeline`, {
      headers: bearer('platform'),
    });
    expect(timeline.text).toContain('delivery.prioritised');
    expect(problems).toEqual([]);
  }, 60_000);
});
