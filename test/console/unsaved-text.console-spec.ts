import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { KEYS } from '../support/registry.js';
import { until } from '../support/until.js';

const DOCUMENT = '/console/documents/participant/c_h166';

describe('the console: text that is not saved', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  const question = (page: Page) => page.getByRole('dialog', { name: 'Lasciare quello che hai scritto?' });
  const audit = (page: Page) => page.getByRole('link', { name: 'Registro attività' });
  const answer = async (page: Page, name: 'Resta qui' | 'Lascia la pagina') => {
    await question(page).getByRole('button', { name }).press('Enter');
    await question(page).waitFor({ state: 'detached' });
  };
  const write = async (page: Page, text: string) => {
    await page.locator('.cm-content[contenteditable=true]').last().focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(text);
  };
  const written = (page: Page) => page.locator('.cm-content').first().innerText();
  /** The editor of the document, reached by links, so that there is a page to go back to. */
  const atDocument = async () => {
    const page = await stage.open('platform', '/console/participants/c_h166');
    await page.getByRole('link', { name: 'Documento c_h166', exact: true }).click();
    await page.getByRole('button', { name: 'Modifica', exact: true }).click();
    await page.locator('.cm-content[contenteditable=true]').waitFor();
    return page;
  };

  it('7.2: a link and the way back ask before a document that was edited is lost', async () => {
    const page = await atDocument();
    const problems = watchProblems(page);
    await write(page, '# ancora da finire');
    await audit(page).press('Enter');
    await question(page).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, 'unsaved-text');
    await page.keyboard.press('Escape');
    await question(page).waitFor({ state: 'detached' });
    await page.goBack();
    await answer(page, 'Resta qui');
    expect([new URL(page.url()).pathname, await written(page)]).toEqual([
      DOCUMENT,
      expect.stringContaining('# ancora da finire'),
    ]);
    await audit(page).click();
    await answer(page, 'Lascia la pagina');
    await page.waitForURL('**/console/audit');
    await page.getByRole('link', { name: 'Sistema', exact: true }).click();
    await page.waitForURL('**/console/system');
    expect(problems).toEqual([]);
  }, 90_000);

  it('7.2: the tab asks too, and nobody is asked where nothing was written', async () => {
    const page = await atDocument();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await write(page, '# ancora da finire');
    await page.waitForFunction(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
    await page.evaluate(() => setTimeout(() => window.location.reload()));
    await until(() => asked.length === 1);
    expect([asked, await written(page)]).toEqual([['beforeunload'], expect.stringContaining('# ancora da finire')]);
    await page.keyboard.press('Control+Z');
    await audit(page).click();
    await page.waitForURL('**/console/audit');
    await page.reload();
    expect(asked).toEqual(['beforeunload']);
  }, 90_000);

  it('7.2: a message that is tried asks before another service takes its place', async () => {
    const page = await stage.open('platform', '/console/validation');
    const problems = watchProblems(page);
    const choose = (service: string) => page.getByRole('button', { name: `Prova con questo schema ${service}` });
    await choose('VariazioneAnagrafica v1').click();
    await write(page, '{"a": 1}');
    await choose('InoltroProtocollo v1').click();
    await answer(page, 'Resta qui');
    expect(await written(page)).toContain('{"a": 1}');
    await choose('InoltroProtocollo v1').click();
    await answer(page, 'Lascia la pagina');
    await page.waitForURL('**/validation?service=InoltroProtocollo&version=1');
    await audit(page).click();
    await page.waitForURL('**/console/audit');
    expect(problems).toEqual([]);
  }, 90_000);

  it('5. a message that is edited asks too, and not once it is proposed', async () => {
    const to = `${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`;
    const id = idOf(await http(to, { key: KEYS.sulmona, body: noticeJson('c_h007') }));
    await statusWhen(stage.gateway.url, id, ({ deliveries }) => deliveries.length > 0);
    const page = await stage.open('region', `/console/messages/${id}/correct`);
    await page.getByRole('button', { name: 'Apri il testo da correggere' }).click();
    await page.locator('.cm-content').waitFor();
    await write(page, '\n');
    await page.getByRole('link', { name: 'Messaggi', exact: true }).click();
    await answer(page, 'Resta qui');
    await page.getByLabel('Motivo').fill('prova');
    await page.getByRole('button', { name: 'Proponi la correzione' }).click();
    await page.waitForURL('**/console/corrections/*');
    expect(await question(page).count()).toBe(0);
  }, 90_000);
});
