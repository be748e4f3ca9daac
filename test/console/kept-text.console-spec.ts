import type { Page } from 'playwright-core';
import { accessibilityProblems, watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, logInAt, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { bearer, type OperatorName } from '../support/operators.js';
import { KEYS } from '../support/registry.js';

const NOTE = 'La sessione era finita';

describe('the console: text that was not saved when a session has ended', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  const write = async (page: Page, text: string) => {
    await page.locator('.cm-content[contenteditable=true]').last().focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(text);
  };
  const written = (page: Page) => page.locator('.cm-content').last().innerText();
  const stored = (page: Page) => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
  /** As an administrator does, or time; the next look of the page finds out. */
  const endSession = async (page: Page, operator: OperatorName) => {
    const path = `${stage.gateway.url}/admin/operators/${operator}/sessions`;
    await http(path, { method: 'DELETE', headers: bearer('platform') });
    await page.waitForURL('**/console/login?*', { timeout: 30_000 });
  };
  const edit = async (operator: OperatorName, path: string) => {
    const page = await stage.open(operator, path);
    await page.getByRole('button', { name: 'Modifica', exact: true }).click();
    await page.locator('.cm-content[contenteditable=true]').waitFor();
    return page;
  };

  it('7.2: a document comes back to the same operator in the same tab, over a reload, and is forgotten once discarded', async () => {
    const page = await edit('region', '/console/documents/participant/c_h166');
    const problems = watchProblems(page);
    await write(page, '# ancora da finire');
    await endSession(page, 'region');
    expect(await stored(page)).toContain('ancora da finire');
    await page.reload();
    await logInAt(page, 'region');
    await page.getByText(NOTE).waitFor();
    expect(await written(page)).toContain('# ancora da finire');
    expect(await stored(page)).not.toContain('ancora da finire');
    expect(await accessibilityProblems(page)).toEqual([]);
    // It is still not saved: leaving asks.
    await page.getByRole('link', { name: 'Messaggi', exact: true }).click();
    await page.getByRole('button', { name: 'Lascia la pagina' }).click();
    await page.waitForURL('**/console/messages');
    await page.goto('/console/documents/participant/c_h166');
    await page.getByRole('button', { name: 'Modifica', exact: true }).waitFor();
    expect(await page.getByText(NOTE).count()).toBe(0);
    expect(problems.filter((one) => !/401/.test(one))).toEqual([]);
  }, 120_000);

  it('7.2: what may hold a secret is in no storage, and comes back all the same', async () => {
    const page = await edit('region', '/console/documents/system/regione.anagrafe');
    await write(page, '# parola-segreta');
    await endSession(page, 'region');
    expect(await stored(page)).not.toContain('parola-segreta');
    await logInAt(page, 'region');
    await page.getByText(NOTE).waitFor();
    expect(await written(page)).toContain('# parola-segreta');
    // The operator's own word, unlike the end of a session, forgets it.
    await page.getByRole('button', { name: 'Esci' }).click();
    await page.waitForURL('**/console/login?*');
    await logInAt(page, 'region');
    await page.getByRole('button', { name: 'Modifica', exact: true }).waitFor();
    expect(await page.getByText(NOTE).count()).toBe(0);
  }, 120_000);

  it('7.2: somebody else who logs in there does not get it', async () => {
    const page = await stage.open('platform', '/console/validation?service=VariazioneAnagrafica&version=1');
    await page.locator('.cm-content[contenteditable=true]').waitFor();
    await write(page, '{"di": "platform"}');
    await endSession(page, 'platform');
    expect(await stored(page)).toContain('di');
    await stage.open('region');
    await logInAt(page, 'region');
    await page.locator('.cm-content[contenteditable=true]').waitFor();
    expect([await written(page), await stored(page)]).toEqual([
      expect.not.stringContaining('platform'),
      expect.not.stringContaining('di": '),
    ]);
  }, 120_000);

  it('7.2: a message that is tried comes back', async () => {
    const page = await stage.open('region', '/console/validation?service=VariazioneAnagrafica&version=1');
    await page.locator('.cm-content[contenteditable=true]').waitFor();
    await page.getByLabel('Tipo').selectOption('text/xml');
    await write(page, '<a/>');
    await endSession(page, 'region');
    await logInAt(page, 'region');
    await page.getByText(NOTE).waitFor();
    expect([await written(page), await page.getByLabel('Tipo').inputValue()]).toEqual(['<a/>', 'text/xml']);
  }, 120_000);

  it('5. a copy of a message that is edited comes back, and is in no storage', async () => {
    const to = `${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const id = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    await statusWhen(stage.gateway.url, id, ({ deliveries }) => deliveries.length > 0);
    const page = await stage.open('region', `/console/messages/${id}/correct`);
    await page.getByRole('button', { name: 'Apri il testo da correggere' }).click();
    await page.locator('.cm-content').waitFor();
    // Lines that are out of sight are not drawn.
    await page.locator('.cm-content').press('Control+Home');
    await page.keyboard.insertText('"corretto"');
    await endSession(page, 'region');
    expect(await stored(page)).not.toContain('corretto');
    await logInAt(page, 'region');
    await page.getByText(NOTE).waitFor();
    expect(await written(page)).toContain('"corretto"');
  }, 120_000);
});
