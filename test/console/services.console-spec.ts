import { readdir, readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { packBundle } from '../../src/registry/bundle/bundle.js';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http } from '../support/client.js';
import { consoleStage, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { KEYS } from '../support/registry.js';

const XSD = 'anagrafe/1.0/anagrafe.xsd';

/** The residents' notice with one more name in its schema. */
async function nextVersion(): Promise<Buffer> {
  const files = new Map<string, Buffer>();
  for (const folder of ['anagrafe', 'comune', 'crocevia'])
    for (const { name } of await readdir(`schemas/${folder}/1.0`, { withFileTypes: true }))
      if (/\.(wsdl|xsd)$/.test(name))
        files.set(`${folder}/1.0/${name}`, await readFile(`schemas/${folder}/1.0/${name}`));
  const text = files.get(XSD)!.toString().replace('</xs:schema>', '<!-- seconda versione --></xs:schema>');
  return packBundle(new Map([...files, [XSD, Buffer.from(text)]]));
}

describe('the console: services and the route simulator', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await http(`${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
      key: KEYS.sulmona,
      body: noticeJson('c_h007'),
    });
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  const looksRight = async (page: Page, name: string, problems: readonly string[]) => {
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, name);
    expect(problems).toEqual([]);
  };

  it('2. the catalogue leads to a version with its operations and its schema, which can be downloaded', async () => {
    const page = await stage.open('platform', '/console/services?text=Variazione');
    const problems = watchProblems(page);
    const row = page.locator('tbody tr[data-index]').first();
    await row.locator('[data-status="published"]').waitFor();
    await looksRight(page, 'services', problems);
    await row.getByRole('link', { name: 'VariazioneAnagrafica' }).click();
    await page.getByRole('heading', { level: 1, name: 'VariazioneAnagrafica v1' }).waitFor();
    await page.getByRole('cell', { name: 'notificaVariazione', exact: true }).waitFor();
    const choice = page.getByLabel(/^File/);
    const paths = await choice.locator('option').allTextContents();
    const xsd = paths.find((path) => path.endsWith('anagrafe.xsd'))!;
    await choice.selectOption(xsd);
    await page.locator('.cm-content').filter({ hasText: 'schema' }).first().waitFor();
    expect(new URL(page.url()).searchParams.get('file')).toBe(xsd);
    await looksRight(page, 'service', problems);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: `Scarica ${xsd}` }).click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toBe(
      await readFile('schemas/anagrafe/1.0/anagrafe.xsd', 'utf8'),
    );
  }, 90_000);

  it('2. a new interface becomes a draft, is compared with the one before, published, deprecated and retired', async () => {
    const page = await stage.open('platform', '/console/services');
    const problems = watchProblems(page);
    await page.getByRole('button', { name: 'Pubblica un’interfaccia' }).click();
    const upload = page.getByRole('dialog');
    await upload
      .getByLabel('Archivio ZIP')
      .setInputFiles({ name: 'v2.zip', mimeType: 'application/zip', buffer: await nextVersion() });
    await upload.getByLabel('Nome del servizio').fill('VariazioneAnagrafica');
    await upload.getByLabel('Versione').fill('2');
    await upload.getByLabel('Titolo').fill('Variazioni, seconda versione');
    await upload.getByLabel('Motivo').fill('nuova legge');
    await looksRight(page, 'service-upload', problems);
    await upload.getByRole('button', { name: 'Pubblica un’interfaccia' }).click();
    await upload.getByText('service VariazioneAnagrafica v2 è in bozza').waitFor();
    await looksRight(page, 'service-uploaded', problems);
    await upload.getByRole('link', { name: 'Apri la bozza' }).click();
    await page.getByRole('heading', { level: 1, name: 'VariazioneAnagrafica v2' }).waitFor();
    await page.locator('[data-status="draft"]').first().waitFor();
    await page.getByLabel('Confronta con la versione').selectOption('1');
    await page.locator('[data-breaking="true"]').first().waitFor();
    const paths = await page.getByLabel(/^File/).locator('option').allTextContents();
    await page.getByLabel(/^File/).selectOption(paths.find((path) => path.endsWith('anagrafe.xsd'))!);
    // Only the lines that are seen are in the page: the keyboard leads to the difference.
    await page.getByRole('button', { name: 'Differenza successiva' }).press('Enter');
    await page.locator('.console-diff .cm-changedLine').filter({ hasText: 'seconda versione' }).waitFor();
    expect(new URL(page.url()).searchParams.get('from')).toBe('1');
    await looksRight(page, 'service-compare', problems);
    const step = async (button: string, status: string) => {
      await page.getByRole('button', { name: button, exact: true }).click();
      const dialog = page.getByRole('dialog');
      if (button === 'Depreca') await dialog.getByLabel('Termina il (facoltativo)').fill('2030-12-31');
      await dialog.getByLabel('Motivo').fill('prova');
      await looksRight(page, `service-${status}`, problems);
      await dialog.getByRole('button', { name: button, exact: true }).click();
      await page.locator(`[data-status="${status}"]`).first().waitFor();
    };
    await step('Pubblica', 'published');
    await step('Depreca', 'deprecated');
    await page.getByText('Termina il').waitFor();
    await step('Ritira', 'retired');
  }, 120_000);

  it('2. a bundle that is wrong is refused with file and line', async () => {
    const page = await stage.open('platform', '/console/services');
    await page.getByRole('button', { name: 'Pubblica un’interfaccia' }).click();
    const upload = page.getByRole('dialog');
    const buffer = await packBundle(new Map([['a.wsdl', Buffer.from('<definitions')]]));
    await upload.getByLabel('Archivio ZIP').setInputFiles({ name: 'x.zip', mimeType: 'application/zip', buffer });
    await upload.getByLabel('Nome del servizio').fill('Rotto');
    await upload.getByLabel('Versione').fill('1');
    await upload.getByLabel('Motivo').fill('prova');
    await upload.getByRole('button', { name: 'Pubblica un’interfaccia' }).click();
    await upload.getByText('registry-refused').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  }, 60_000);

  it('2. by keyboard alone the simulator says which route a message would take, and where it would be refused', async () => {
    const page = await stage.open('platform', '/console/routes');
    const problems = watchProblems(page);
    await page.getByLabel('Sistema che lo invia').focus();
    await page.keyboard.type('sulmona.anagrafe');
    await page.getByLabel('Destinatario (codice IPA)').focus();
    await page.keyboard.type('c_h007');
    await page.keyboard.press('Tab');
    await page.keyboard.type('VariazioneAnagrafica');
    await page.getByLabel('Percorso dopo il servizio').focus();
    await page.keyboard.type('/notifiche');
    await page.keyboard.press('Enter');
    await page.locator('[data-verdict="accepted"]').waitFor();
    await page.getByRole('cell', { name: /consegnato; priorità 4/ }).waitFor();
    await looksRight(page, 'route', problems);
    await page.goto(`${page.url()}&messageId=yes`.replace('receiver=c_h007', 'receiver=c_h166'));
    await page.locator('[data-verdict="refused"]').first().waitFor();
    await page.locator('[data-station="resolve"]').getByText('service-unknown').waitFor();
    await page.locator('[data-station="authorise"]').getByText('non raggiunta').waitFor();
    await looksRight(page, 'route-refused', problems);
    await page.getByRole('button', { name: 'evento (CloudEvents)' }).press('Enter');
    await page.getByLabel('Tipo di evento').fill('it.crocevia.anagrafe.variazione.v1');
    await page.getByLabel('Destinatari (separati da virgola)').fill('');
    await page.getByRole('button', { name: 'Applica' }).click();
    await page.locator('[data-verdict="accepted"]').waitFor();
    expect(await page.locator('tbody tr[data-index]').count()).toBe(2);
    await looksRight(page, 'route-event', problems);
  }, 60_000);

  it('2. who may not publish is offered no order, and sees of its own bodies only', async () => {
    const page = await stage.open('auditor-raiano', '/console/services/VariazioneAnagrafica/1');
    await page.getByText('Nessun accordo che puoi vedere riguarda questa versione.').waitFor();
    expect(await page.getByRole('button', { name: 'Depreca' }).count()).toBe(0);
  }, 60_000);
});
