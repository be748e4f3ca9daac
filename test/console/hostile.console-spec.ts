import type { Page } from 'playwright-core';
import { openBrowser } from '../support/browser.js';
import { watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, OWN_PASSWORD, type ConsoleStage } from '../support/console-stage.js';
import { noticeJson } from '../support/messages.js';
import { bearer } from '../support/operators.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';

const SEND = '/rest/c_h007/v1/VariazioneAnagrafica/notifiche';
/** Would run where a text is taken for markup; without blanks, so that it can be an id. */
const MARKUP = '<img/src=x/onerror=window.stolen=1>';
const BROKEN_OUT = '"><script>window.stolen=1</script>';

describe('the console and what strangers have written', () => {
  let stage: ConsoleStage;
  let pratola: Receiver;
  let evil: Receiver;
  let failed: string;
  let refused: string;

  beforeAll(async () => {
    [pratola, evil] = await Promise.all([startReceiver(), startReceiver()]);
    pratola.answerWith((_received, reply) => {
      reply.writeHead(400, { 'content-type': 'text/html' }).end(`<h1>${MARKUP}${BROKEN_OUT}</h1>`);
    });
    stage = await consoleStage({ pratola: { channel: 'push-rest', url: pratola.url }, regione: { channel: 'box' } });
    const send = (body: object, end: string) =>
      http(`${stage.gateway.url}${SEND}`, {
        key: KEYS.sulmona,
        headers: { 'idempotency-key': `${MARKUP}${end}`, 'x-correlation-id': `${MARKUP}${end}` },
        body,
      });
    failed = idOf(await send(noticeJson() as unknown as object, '1'));
    await statusWhen(stage.gateway.url, failed, ({ state }) => state === 'PARTIALLY_FAILED');
    refused = idOf(await send({ [`${MARKUP}${BROKEN_OUT}`]: `${MARKUP}${BROKEN_OUT}` }, '2'));
    const note = await http(`${stage.gateway.url}/admin/messages/${failed}/notes`, {
      headers: bearer('platform'),
      body: { note: `${MARKUP}${BROKEN_OUT}` },
    });
    expect(note.status).toBe(201);
    const reason = encodeURIComponent(`${MARKUP}${BROKEN_OUT}`);
    const paused = await http(`${stage.gateway.url}/admin/systems/pratola.protocollo/pause?reason=${reason}`, {
      method: 'POST',
      headers: bearer('platform'),
    });
    expect(paused.status).toBe(200);
    const guessed = openBrowser(stage.gateway.url);
    await guessed.ask('/admin/session', { body: { operator: MARKUP, password: 'x' } });
  }, 120_000);
  afterAll(async () => {
    await stage.stop();
    await Promise.all([pratola.stop(), evil.stop()]);
  }, 60_000);

  /** Nothing of it has run, and none of it is an element. */
  async function expectText(page: Page): Promise<void> {
    expect(await page.evaluate(() => 'stolen' in window)).toBe(false);
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.locator('script:not([src])').count()).toBe(0);
  }

  it.each([
    ['messages', () => '/console/messages'],
    ['a message that failed', () => `/console/messages/${failed}`],
    ['a message that was refused', () => `/console/messages/${refused}`],
    ['a search', () => `/console/messages?text=${encodeURIComponent(MARKUP + '1')}`],
    ['dead letters', () => '/console/dead-letters'],
    ['queues', () => '/console/queues'],
    ['audit', () => '/console/audit'],
    ['situation', () => '/console/'],
  ])(
    '6: %s shows markup as text',
    async (name, path) => {
      const page = await stage.open('platform', path());
      const problems = watchProblems(page);
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (/message|search/.test(name)) await page.getByText(MARKUP).first().waitFor();
      await expectText(page);
      expect([...problems, ...dialogs]).toEqual([]);
      await page.context().close();
    },
    60_000,
  );

  it('3: a script in the page could take no session with it: it is in no storage and no cookie of scripts', async () => {
    const page = await stage.open('platform', '/console/messages');
    const seen = await page.evaluate(() =>
      JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]),
    );
    const cookies = await page.context().cookies();
    const session = cookies.filter(({ name }) => name.includes('session'));
    expect(session.length).toBeGreaterThan(0);
    for (const { value, httpOnly, sameSite } of session) {
      expect([httpOnly, sameSite]).toEqual([true, 'Strict']);
      expect(seen).not.toContain(value);
    }
    expect(seen).not.toContain(OWN_PASSWORD);
  }, 60_000);

  it('3: a page of another site can neither frame it nor order anything with its session', async () => {
    const page = await stage.open('platform', '/console/messages');
    evil.answerWith((_received, reply) => {
      const body = `<!doctype html><iframe src="${stage.gateway.url}/console/messages"></iframe>
        <form method="post" action="${stage.gateway.url}/admin/messages/${failed}/retry?reason=x"></form>`;
      reply.writeHead(200, { 'content-type': 'text/html' }).end(body);
    });
    // Another site to the browser: the cookie of 127.0.0.1 is not of localhost.
    await page.goto(evil.url.replace('127.0.0.1', 'localhost'));
    const frame = page.frames().find((one) => one.parentFrame() !== null)!;
    await frame.waitForLoadState();
    // The browser's own page that says so.
    expect(frame.url()).toMatch(/^chrome-error:/);
    const before = (
      await http(`${stage.gateway.url}/admin/messages/${failed}/timeline`, { headers: bearer('platform') })
    ).text;
    const [answer] = await Promise.all([
      page.waitForResponse((one) => one.url().includes('/retry')),
      page.evaluate(() => document.forms[0]!.submit()),
    ]);
    expect(answer.status()).toBe(401);
    const after = (
      await http(`${stage.gateway.url}/admin/messages/${failed}/timeline`, { headers: bearer('platform') })
    ).text;
    expect(after).toBe(before);
  }, 60_000);
});
