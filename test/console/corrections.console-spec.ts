import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';

describe('the console: an edited copy of a message', () => {
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
});
