import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, OWN_PASSWORD, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { KEYS } from '../support/registry.js';

const PAGES = [
  '/',
  '/flows',
  '/flow-map',
  '/messages',
  '/queues',
  '/dead-letters',
  '/jobs',
  '/validation',
  '/alerts',
  '/reports',
  '/participants',
  '/services',
  '/services/VariazioneAnagrafica/1',
  '/routes?system=sulmona.anagrafe&receiver=c_h007&service=VariazioneAnagrafica&path=/notifiche',
];
const MORE = [
  '/certificates',
  '/participants/c_i804',
  '/agreements',
  '/documents/system/sulmona.anagrafe',
  '/operators',
  '/roles',
  '/system',
  '/audit',
  '/corrections',
  '/help',
  '/compare',
  '/onboarding',
  '/account',
  '/accessibility',
  '/nowhere',
];

describe('the console: used by keyboard, on a small screen, and with a gateway that is not well', () => {
  let stage: ConsoleStage;
  let sent: string;

  beforeAll(async () => {
    stage = await consoleStage({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    const answer = await http(`${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
      method: 'POST',
      // An id as long as vendors make them, which no line can hold.
      headers: {
        'x-api-key': KEYS.sulmona,
        'content-type': 'application/json',
        'idempotency-key': `${'w'.repeat(60)}-${randomUUID()}`,
      },
      body: JSON.stringify(noticeJson()),
    });
    sent = idOf(answer);
    await statusWhen(stage.gateway.url, sent, ({ deliveries }) => deliveries[0]?.state === 'AVAILABLE');
  }, 120_000);
  afterAll(() => stage.stop(), 60_000);

  const settled = async (page: Page) => {
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.console-loading').first().waitFor({ state: 'detached' });
  };
  /** Tab until what has the focus is wanted. */
  const tabTo = async (page: Page, isWanted: (name: string) => boolean) => {
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => (document.activeElement as HTMLElement | null)?.innerText ?? '');
      if (isWanted(name)) return;
    }
    throw new Error('the keyboard does not lead there');
  };

  it('2. by keyboard alone: log in, find the message, read its story, cancel its delivery', async () => {
    await stage.open('platform');
    const page = await stage.openNobody('/console/login?to=/messages');
    await page.locator('input[name=operator]').focus();
    await page.keyboard.type('platform');
    await page.keyboard.press('Tab');
    await page.keyboard.type(OWN_PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('tbody tr[data-index]').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Vai al contenuto');
    await page.keyboard.press('Enter');
    const shown = await page.locator('tbody a').first().innerText();
    await tabTo(page, (name) => name === shown);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Storia' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await tabTo(page, (name) => name === 'Annulla le consegne in attesa');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Annullare la consegna?' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Annulla le consegne in attesa');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Motivo').focus();
    await page.keyboard.type('inviato per errore');
    await page.keyboard.press('Enter');
    await page.locator('main [data-state="CANCELLED"]').first().waitFor();
    await page.locator('li[data-event="delivery.cancelled"]').getByText('motivo: inviato per errore').waitFor();
  }, 120_000);

  it('1. at 320 pixels, which is 400 % of 1280, no page scrolls sideways, and axe finds nothing', async () => {
    const page = await stage.open('platform', '/console/messages', { viewport: { width: 320, height: 640 } });
    const found: Record<string, readonly string[]> = {};
    for (const path of [...PAGES, ...MORE, `/messages/${sent}`]) {
      await page.goto(`/console${path}`);
      await settled(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      found[path] = [...(wide > 320 ? [`${wide} pixels wide`] : []), ...(await accessibilityProblems(page))];
      await keepScreenshot(page, `narrow${path.replaceAll('/', '-').slice(0, 20)}`);
    }
    expect(Object.entries(found).filter(([, problems]) => problems.length > 0)).toEqual([]);
    await page.goto('/console/messages');
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: 'Flussi', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Flussi' }).waitFor();
  }, 480_000);

  it.each(['it', 'en'])(
    '1., 2. every page in %s, wide, without a finding of axe',
    async (language) => {
      const page = await stage.open('platform');
      await page.evaluate((chosen) => localStorage.setItem('crocevia.language', chosen), language);
      for (const path of [...PAGES, ...MORE, `/messages/${sent}`]) {
        await page.goto(`/console${path}`);
        await settled(page);
        expect({ path, found: await accessibilityProblems(page) }).toEqual({ path, found: [] });
        await keepScreenshot(page, `${language}${path.replaceAll('/', '-').slice(0, 20)}`);
      }
    },
    480_000,
  );

  it('3. a gateway that does not answer is said so; when it answers again the page goes on', async () => {
    const page = await stage.open('platform');
    await page.locator('tbody tr[data-index]').first().waitFor();
    await page.route('**/admin/messages?**', (route) => route.abort());
    await page.goto('/console/messages?sender=c_i804');
    await page.getByText('Il gateway non risponde').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.unroute('**/admin/messages?**');
    await page.getByRole('button', { name: 'Riprova', exact: true }).click();
    await page.locator('tbody tr[data-index]').first().waitFor();
  }, 60_000);

  it('3. a slow answer shows that it is being waited for', async () => {
    const page = await stage.open('platform');
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/admin/queues?**', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('/console/queues');
    await page.locator('.console-loading').waitFor();
    answer();
    await page.locator('tbody tr[data-index]').first().waitFor();
  }, 60_000);

  it('3. without the stream the pages ask every ten seconds, and say so; it is resumed, and can be paused', async () => {
    const page = await stage.open('platform');
    await page.locator('.console-live[data-state="live"]').waitFor();
    await page.route('**/admin/events', (route) => route.abort());
    await page.reload();
    await page.locator('.console-live[data-state="polling"]').waitFor({ timeout: 20_000 });
    await page.unroute('**/admin/events');
    await page.locator('.console-live[data-state="live"]').waitFor({ timeout: 20_000 });
    await page.getByRole('switch').uncheck();
    await page.locator('.console-live[data-state="paused"]').waitFor();
  }, 90_000);

  it('3. what comes meanwhile waits behind a button', async () => {
    const page = await stage.open('platform');
    await page.locator('.console-live[data-state="live"]').waitFor();
    const before = await page.locator('tbody a').first().innerText();
    await http(`${stage.gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
      method: 'POST',
      headers: { 'x-api-key': KEYS.sulmona, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(noticeJson()),
    });
    const button = page.getByRole('button', { name: '1 nuovo messaggio' });
    await button.waitFor();
    expect(await page.locator('tbody a').first().innerText()).toBe(before);
    await button.click();
    await page.locator('tbody a').first().filter({ hasNotText: before }).waitFor();
  }, 60_000);
});
