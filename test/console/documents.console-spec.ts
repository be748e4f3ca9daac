import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { bearer } from '../support/operators.js';

const PAGE = '/console/documents/participant/c_h166';

describe('the console: documents of the registry', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  const looksRight = async (page: Page, name: string, problems: readonly string[]) => {
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, name);
    expect(problems).toEqual([]);
  };
  const stored = async (path: string) =>
    (await http(`${stage.gateway.url}/admin/registry/documents/${path}`, { headers: bearer('platform') })).json<{
      revision: number;
      document: Record<string, unknown>;
    }>();
  /** As another operator does meanwhile. */
  const rename = async (name: string) => {
    const { revision, document } = await stored('participant/c_h166');
    await http(`${stage.gateway.url}/admin/registry/documents/participant/c_h166?reason=altrove`, {
      method: 'PUT',
      headers: { ...bearer('region'), 'if-match': `"${revision}"` },
      body: { ...document, name },
    });
  };
  /** In place of all that the editor holds, by keyboard. */
  const type = async (page: Page, text: string) => {
    await page.getByRole('textbox', { name: 'Testo del documento (YAML)' }).focus();
    await page.keyboard.press('Control+A');
    // Typed over it, Chromium would style the new text like the old one, which the content policy refuses.
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };
  const written = (page: Page) => page.locator('.console-code .cm-content').first().innerText();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).press('Enter');
  const begin = async (page: Page) => {
    await press(page, 'Modifica');
    await page.getByRole('textbox', { name: 'Testo del documento (YAML)' }).waitFor();
  };
  const raiano = (name: string, type_ = 'municipality') =>
    `kind: participant\nid: c_h166\nname: ${name}\nparent: r_abruzz\ntype: ${type_}\n`;

  it('7.2: a document is shown as it stands and taken out as a file; no hash ever comes to the browser', async () => {
    const page = await stage.open('platform', '/console/participants');
    const problems = watchProblems(page);
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => {
      // Every answer but the stream, which does not end.
      if (/\/admin\/(?!events)/.test(response.url())) bodies.push(response.text().catch(() => ''));
    });
    await page.getByRole('link', { name: 'Documento sulmona.anagrafe' }).click();
    await page.getByRole('heading', { level: 1, name: 'Sistema sulmona.anagrafe' }).waitFor();
    await page.locator('.cm-content').filter({ hasText: 'kind: system' }).waitFor();
    await page.locator('[data-action="create"]').waitFor();
    await looksRight(page, 'document', problems);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Esporta come file' }).press('Enter'),
    ]);
    expect(download.suggestedFilename()).toBe('system-sulmona.anagrafe.yaml');
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^kind: system\nid: sulmona.anagrafe\n/);
    expect((await Promise.all(bodies)).join('')).not.toContain('scrypt');
  }, 90_000);

  it('7.2: services, agreements and bodies lead to their documents', async () => {
    const page = await stage.open('platform', '/console/services/VariazioneAnagrafica/1');
    await page.getByRole('link', { name: 'Documento VariazioneAnagrafica' }).click();
    await page.getByRole('heading', { level: 1, name: 'Servizio VariazioneAnagrafica v1' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Esporta come file' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('VariazioneAnagrafica-v1.zip');
    await page.goto('/console/agreements');
    await page.getByRole('link', { name: 'Documento c_i804-c_h007-VariazioneAnagrafica' }).click();
    await page.getByRole('heading', { level: 1, name: /^Accordo c_i804-c_h007/ }).waitFor();
    await page.goto('/console/participants/c_i804');
    await page.getByRole('link', { name: 'Documento sulmona.anagrafe' }).waitFor();
    await page.getByRole('link', { name: 'Documento c_i804', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Ente c_i804' }).waitFor();
  }, 90_000);

  it('7.2: by keyboard a document is edited: problems at their lines, then the difference, a reason, and saved', async () => {
    const page = await stage.open('platform', PAGE);
    const problems = watchProblems(page);
    await begin(page);
    const wrong = raiano('Comune di Raiano (AQ)', 'kingdom');
    await type(page, wrong);
    await press(page, 'Valida');
    await page.locator('[data-verdict="wrong"]').waitFor();
    const told = page.locator('.console-violations li').first();
    expect(await told.innerText()).toMatch(/^riga 5 .*type.*\(.*municipality/);
    await page.locator('.cm-lintRange-error').waitFor();
    expect((await written(page)).trim()).toBe(wrong.trim());
    await looksRight(page, 'document-problems', problems);
    await press(page, 'Salva…');
    await page.locator('[data-verdict="wrong"]').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await type(page, raiano('Comune di Raiano (AQ)'));
    await press(page, 'Valida');
    await page.locator('[data-verdict="right"]').waitFor();
    await press(page, 'Salva…');
    const dialog = page.getByRole('dialog', { name: 'Salvare il documento?' });
    await dialog.locator('.cm-changedLine').filter({ hasText: 'Comune di Raiano (AQ)' }).waitFor();
    await dialog.getByLabel('Motivo').focus();
    await page.keyboard.type('nome per esteso');
    await looksRight(page, 'document-save', problems);
    await page.keyboard.press('Enter');
    await page.getByText('Salvato.').waitFor();
    expect((await stored('participant/c_h166')).document['name']).toBe('Comune di Raiano (AQ)');
    const row = page.locator('tbody tr[data-index]').first();
    await row.getByText('nome per esteso').waitFor();
    expect(await row.innerText()).toMatch(/platform[\s\S]*cambiato: name/);
    await looksRight(page, 'document-saved', problems);
  }, 120_000);

  it('7.2: who was slower is told who was faster, loses nothing, and may go on from the newest', async () => {
    const page = await stage.open('platform', PAGE);
    const problems = watchProblems(page);
    await page.locator('.cm-content').filter({ hasText: 'c_h166' }).waitFor();
    await begin(page);
    await type(page, raiano('Raiano mio'));
    const save = async () => {
      await press(page, 'Salva…');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Motivo').fill('prova');
      await dialog.getByRole('button', { name: 'Salva', exact: true }).press('Enter');
    };
    await rename('Raiano di altri');
    await save();
    await page.getByText('Il documento è cambiato nel frattempo').waitFor();
    await page.getByText('region l’ha cambiato mentre scrivevi.').waitFor();
    expect(await written(page)).toContain('Raiano mio');
    await looksRight(page, 'document-conflict', problems);
    await press(page, 'Tieni il mio testo e confrontalo con la più recente');
    await press(page, 'Salva…');
    await page.getByRole('dialog').locator('.cm-deletedChunk').filter({ hasText: 'Raiano di altri' }).waitFor();
    await page.keyboard.press('Escape');
    await rename('Raiano ancora di altri');
    await save();
    await press(page, 'Carica la versione più recente');
    await page.locator('.cm-content').filter({ hasText: 'Raiano ancora di altri' }).waitFor();
    expect((await stored('participant/c_h166')).document['name']).toBe('Raiano ancora di altri');
  }, 120_000);

  it('7.2: an earlier version is looked at and put back, with the reason in the history', async () => {
    await rename('Raiano di ieri');
    await rename('Raiano di oggi');
    const page = await stage.open('platform', PAGE);
    const problems = watchProblems(page);
    const rows = page.locator('tbody tr[data-index]');
    await rows.first().getByText('in vigore').waitFor();
    await rows
      .first()
      .getByRole('button', { name: /^Mostra le differenze/ })
      .press('Enter');
    const change = page.getByRole('dialog');
    await change.locator('.cm-changedLine').filter({ hasText: 'Raiano di oggi' }).waitFor();
    await looksRight(page, 'document-change', problems);
    await page.keyboard.press('Escape');
    await rows
      .nth(1)
      .getByRole('button', { name: /^Ripristina questa versione/ })
      .press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Ripristinare questa versione?' });
    await dialog.locator('.cm-changedLine').filter({ hasText: 'Raiano di ieri' }).waitFor();
    // Another one would take away what is being written.
    expect(await page.locator('button', { hasText: 'Ripristina questa versione' }).count()).toBe(0);
    await looksRight(page, 'document-restore', problems);
    await dialog.getByLabel('Motivo').fill('come ieri');
    await page.keyboard.press('Enter');
    await page.getByText('Salvato.').waitFor();
    await rows.first().getByText('come ieri').waitFor();
    expect((await stored('participant/c_h166')).document['name']).toBe('Raiano di ieri');
  }, 120_000);

  it('7.2: a document that was taken away is put back at its address', async () => {
    const address = `${stage.gateway.url}/admin/registry/documents/participant/c_x999`;
    const call = (method: 'PUT' | 'DELETE', headers: Record<string, string>, body?: object) =>
      http(address, { method, headers: { ...bearer('platform'), ...headers }, ...(body && { body }) });
    const document = { kind: 'participant', id: 'c_x999', name: 'Prova', type: 'municipality', parent: 'r_abruzz' };
    const made = await call('PUT', { 'if-none-match': '*' }, document);
    await call('DELETE', { 'if-match': made.headers['etag'] ?? '' });
    const page = await stage.open('platform', '/console/documents/participant/c_x999');
    const problems = watchProblems(page);
    await page.locator('[data-action="delete"]').waitFor();
    await page.getByText('Nel registro questo documento non c’è').waitFor();
    await looksRight(page, 'document-gone', problems);
    await page.getByRole('button', { name: /^Ripristina questa versione/ }).press('Enter');
    await page.getByRole('dialog').getByLabel('Motivo').fill('tolto per errore');
    await page.keyboard.press('Enter');
    await page.getByText('Salvato.').waitFor();
    await page.getByRole('button', { name: 'Modifica' }).waitFor();
    expect((await stored('participant/c_x999')).document).toEqual(document);
  }, 90_000);

  it('7.2: who may not write is offered the file and the history only; what is out of scope is not there', async () => {
    const page = await stage.open('auditor-raiano', PAGE);
    await page.getByRole('link', { name: 'Esporta come file' }).waitFor();
    await page
      .getByRole('button', { name: /^Mostra le differenze/ })
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: /Modifica|Ripristina/ }).count()).toBe(0);
    await page.goto('/console/documents/system/sulmona.anagrafe');
    await page.getByText('Nel registro questo documento non c’è').waitFor();
    expect(await page.locator('tbody tr[data-index]').count()).toBe(0);
  }, 60_000);

  it('7.2: a document at 1400 and at 320 pixels', async () => {
    for (const width of [1400, 320]) {
      const page = await stage.open('platform', '/console/documents/system/sulmona.anagrafe', {
        viewport: { width, height: 900 },
      });
      const problems = watchProblems(page);
      await page.locator('.cm-content').filter({ hasText: 'kind: system' }).waitFor();
      await begin(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await looksRight(page, `document-${width}`, problems);
    }
  }, 90_000);
});
