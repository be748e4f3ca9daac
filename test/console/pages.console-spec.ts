import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot, watchProblems } from '../support/chromium.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { consoleStage, logInAt, type ConsoleStage } from '../support/console-stage.js';
import { startMailSink, type MailSink } from '../support/mail-sink.js';
import { noticeJson } from '../support/messages.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { KEYS } from '../support/registry.js';

const NOTICES = '/v1/VariazioneAnagrafica/notifiche';

describe('the console: situation, flows, queues, dead letters, jobs, validation', () => {
  let stage: ConsoleStage;
  let pratola: Receiver;
  let mail: MailSink;
  const send = (receiver = 'c_h007', body: object = noticeJson()) =>
    http(`${stage.gateway.url}/rest/${receiver}${NOTICES}`, {
      method: 'POST',
      headers: { 'x-api-key': KEYS.sulmona, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    pratola = await startReceiver();
    pratola.answerWith((_received, reply) => void reply.writeHead(400).end());
    mail = await startMailSink();
    const systems = { pratola: { channel: 'push-rest', url: pratola.url }, regione: { channel: 'box' } } as const;
    stage = await consoleStage(systems, {
      CROCEVIA_SMTP_URL: mail.url,
      CROCEVIA_ALERT_FROM: 'porta@crocevia.example',
      CROCEVIA_ALERT_TO: 'turno@crocevia.example',
    });
    const failed = await Promise.all([send(), send()]);
    await send('r_abruzz');
    await send('r_abruzz', { ...noticeJson(), soggetto: 'sbagliato' });
    for (const one of failed)
      await statusWhen(stage.gateway.url, idOf(one), ({ deliveries }) => deliveries[0]?.state === 'FAILED');
  }, 120_000);
  afterAll(async () => {
    await stage.stop();
    await pratola.stop();
    await mail.stop();
  }, 60_000);

  const looksRight = async (page: Page, name: string, problems: readonly string[]) => {
    expect(await accessibilityProblems(page)).toEqual([]);
    await keepScreenshot(page, name);
    expect(problems).toEqual([]);
  };

  it('2. the situation says first what needs attention, then the traffic with a table beside each chart', async () => {
    const page = await stage.open('platform', '/console/');
    const problems = watchProblems(page);
    // Counted every second or so, and asked anew every half minute.
    await page.locator('[data-kind="dead-letters"]').waitFor({ timeout: 60_000 });
    await page.locator('figure .uplot').first().waitFor();
    await page.locator('figure summary').first().click();
    await page.locator('figure tbody tr').first().waitFor();
    await looksRight(page, 'situation', problems);
    await page.locator('[data-kind="dead-letters"]').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Messaggi in errore' }).waitFor();
    await page.goBack();
    await page.locator('[data-kind="validation-failures"]').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Messaggi' }).waitFor();
    expect(await page.locator('input[name=fault]').inputValue()).toBe('schema-violation');
    expect(await page.locator('input[name=from]').inputValue()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    await page.locator('tbody tr[data-index]').first().waitFor();
  }, 120_000);

  it('a refusal has its title in the language of the console', async () => {
    const page = await stage.openNobody('/console/login');
    await page.locator('input[name=operator]').fill('nessuno');
    await page.locator('input[name=password]').fill('sbagliata');
    await page.locator('main form button[type=submit]').click();
    expect(await page.getByRole('alert').first().innerText()).toMatch(/^Accesso /);
  }, 60_000);

  it('3. the flow map draws bodies, services and errors, and its table says the same', async () => {
    const page = await stage.open('platform', '/console/flow-map');
    const problems = watchProblems(page);
    await page.locator('.console-map-edge[data-errors="true"]').first().waitFor({ state: 'attached', timeout: 60_000 });
    expect(await page.locator('.console-map-node[data-kind="service"]').count()).toBeGreaterThan(0);
    const row = page.locator('tbody tr[data-index]').filter({ hasText: 'c_h007' });
    await row.getByRole('cell').nth(4).getByText('2', { exact: true }).waitFor();
    await looksRight(page, 'flow-map', problems);
    await send('r_abruzz');
    const region = page.locator('tbody tr[data-index]').filter({ hasText: 'r_abruzz' });
    await region.getByRole('cell').nth(3).getByText('3', { exact: true }).waitFor({ timeout: 60_000 });
    await region.getByRole('link', { name: /r_abruzz/ }).click();
    await page.waitForURL(/entity=r_abruzz/);
    await page.locator('tbody tr[data-index]').filter({ hasText: 'c_h007' }).waitFor({ state: 'detached' });
  }, 120_000);

  it('2., 5. flows in one table; a flow is suspended and resumed with a reason that says what will happen', async () => {
    const page = await stage.open('platform', '/console/flows?text=c_h007');
    const problems = watchProblems(page);
    const row = page.locator('tbody tr[data-index]').filter({ hasText: 'VariazioneAnagrafica' }).first();
    await row.locator('[data-state="active"]').waitFor();
    await looksRight(page, 'flows', problems);
    await row.getByRole('button', { name: /Sospendi/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Sospendere il flusso?' });
    await dialog.getByLabel('Motivo').fill('manutenzione del comune');
    await looksRight(page, 'flow-suspend', problems);
    await dialog.getByRole('button', { name: 'Sospendi' }).click();
    await row.locator('[data-state="suspended"]').waitFor();
    expect((await send()).status).toBe(403);
    await row.getByRole('button', { name: /Riattiva/ }).click();
    await page.getByRole('dialog').getByLabel('Motivo').fill('finita');
    await page.getByRole('dialog').getByRole('button', { name: 'Riattiva' }).click();
    await row.locator('[data-state="active"]').waitFor();
  }, 60_000);

  it('7. a report is sent by mail every month, and now; the order ends it', async () => {
    const page = await stage.open('platform', '/console/reports?kind=outcomes&by=service');
    const problems = watchProblems(page);
    // Until both lists are there the button moves.
    await page.getByText('Nessun rapporto è inviato per posta.').waitFor();
    await page.getByRole('table').first().waitFor();
    await page.getByRole('button', { name: 'Invia periodicamente…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Inviare periodicamente un rapporto?' });
    await dialog.getByLabel('Indirizzi').fill('segreteria@comune.example, capo@comune.example');
    await looksRight(page, 'report-schedule', problems);
    await dialog.getByRole('button', { name: 'Attiva l’invio' }).click();
    await page.getByRole('button', { name: 'Invia ora' }).click();
    await page.getByText('Inviato a segreteria@comune.example, capo@comune.example.').waitFor();
    const sent = await mail.next(({ subject }) => subject.includes('outcomes by service'));
    expect([sent.to, sent.text.includes('.xlsx')]).toEqual([
      ['segreteria@comune.example', 'capo@comune.example'],
      true,
    ]);
    await looksRight(page, 'report-schedules', problems);
    await page.getByRole('button', { name: 'Elimina' }).click();
    await page.getByText('Nessun rapporto è inviato per posta.').waitFor();
  }, 60_000);

  it('2., 5. queues by system; delivery is paused and resumed', async () => {
    const page = await stage.open('platform', '/console/queues?text=pratola');
    const problems = watchProblems(page);
    const row = page.locator('tbody tr[data-index]').first();
    await row.waitFor();
    await looksRight(page, 'queues', problems);
    await row.getByRole('button', { name: /pausa/ }).click();
    await page.getByRole('dialog').getByLabel('Motivo').fill('prova');
    await page.getByRole('dialog').getByRole('button', { name: 'Metti in pausa' }).click();
    await row.locator('[data-state="paused"]').waitFor();
    await row.getByRole('button', { name: /Riprendi/ }).click();
    await page.getByRole('dialog').getByLabel('Motivo').fill('prova');
    await page.getByRole('dialog').getByRole('button', { name: 'Riprendi' }).click();
    await row.locator('[data-state="paused"]').waitFor({ state: 'detached' });
  }, 60_000);

  it('2., 5. dead letters by cause: a group is previewed, retried with a reason, and followed to its end', async () => {
    const page = await stage.open('platform', '/console/dead-letters');
    const problems = watchProblems(page);
    const row = page.locator('tbody tr[data-index]').first();
    await row.getByText('Mittente e destinatario devono accordarsi sul contenuto').waitFor();
    await looksRight(page, 'dead-letters', problems);
    pratola.answerWith((_received, reply) => void reply.writeHead(200).end());
    await row.getByRole('button', { name: /Riprova il gruppo/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 consegne corrispondono adesso.').waitFor();
    await looksRight(page, 'job-preview', problems);
    await dialog.getByLabel('Motivo').fill('il comune ha corretto');
    await dialog.getByRole('button', { name: 'Ordina la rielaborazione' }).click();
    await page.waitForURL('**/console/jobs/*');
    await page.locator('main [data-state="DONE"]').first().waitFor();
    await page.getByText('2 fatti, 0 saltati, 0 falliti, 0 in attesa, su 2').waitFor();
    await looksRight(page, 'job', problems);
    await page.goto('/console/jobs');
    await page.locator('tbody tr[data-index] [data-state="DONE"]').waitFor();
    await looksRight(page, 'jobs', problems);
  }, 60_000);

  it('2. a message is tried against a schema of the catalogue, and its errors are told', async () => {
    const page = await stage.open('platform', '/console/validation');
    const problems = watchProblems(page);
    await page.getByRole('button', { name: 'Prova con questo schema VariazioneAnagrafica v1' }).click();
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.insertText(JSON.stringify({ ...noticeJson(), soggetto: 'sbagliato' }, null, 2));
    await page.getByRole('button', { name: 'Prova', exact: true }).click();
    await page.locator('[data-verdict="refused"]').waitFor();
    expect(await page.locator('.console-violations li').count()).toBeGreaterThan(0);
    await page.locator('.cm-lint-marker-error').first().waitFor();
    await looksRight(page, 'validation', problems);
  }, 60_000);

  it('5. ticked messages are retried; a group is discarded once its phrase is typed, and stays to be retried', async () => {
    pratola.answerWith((_received, reply) => void reply.writeHead(400).end());
    const ids = (await Promise.all([send(), send()])).map(idOf);
    for (const id of ids)
      await statusWhen(stage.gateway.url, id, ({ deliveries }) => deliveries[0]?.state === 'FAILED');
    const page = await stage.open('platform', '/console/messages?receiver=c_h007');
    const problems = watchProblems(page);
    await page
      .getByRole('checkbox', { name: /^Scegli il messaggio/ })
      .first()
      .check();
    await page.getByRole('button', { name: 'Riprova 1 scelto' }).click();
    await page.getByRole('dialog').getByText('1 consegna corrisponde adesso.').waitFor();
    await looksRight(page, 'messages-chosen', problems);
    await page.getByRole('dialog').getByLabel('Motivo').fill('ancora una volta');
    await page.getByRole('dialog').getByRole('button', { name: 'Ordina la rielaborazione' }).click();
    await page.locator('main [data-state="DONE"]').first().waitFor();
    await statusWhen(stage.gateway.url, ids[0]!, ({ deliveries }) => deliveries[0]?.state === 'FAILED');
    await page.goto('/console/dead-letters');
    await page
      .getByRole('button', { name: /^Scarta il gruppo/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Motivo').fill('il comune li ha avuti per posta');
    const order = dialog.getByRole('button', { name: 'Ordina la rielaborazione' });
    expect(await order.isDisabled()).toBe(true);
    await dialog.getByLabel(/^Per confermare scrivi/).fill('discard 2');
    await looksRight(page, 'discard', problems);
    await order.click();
    await page.getByText('2 fatti, 0 saltati, 0 falliti, 0 in attesa, su 2').waitFor();
    for (const id of ids)
      await statusWhen(stage.gateway.url, id, ({ deliveries }) => deliveries[0]?.state === 'CANCELLED');
    const exported = await page.request.get('/admin/messages/export?receiver=c_h007&format=csv');
    expect([exported.status(), (await exported.text()).split('\n').length > 2]).toEqual([200, true]);
  }, 90_000);

  it('2. bodies and systems as the registry has them, without a secret', async () => {
    const page = await stage.open('platform', '/console/participants?text=sulmona');
    const problems = watchProblems(page);
    await page.getByRole('cell', { name: 'Comune di Sulmona', exact: true }).waitFor();
    await page.getByRole('link', { name: 'sulmona.anagrafe', exact: true }).waitFor();
    expect(await page.content()).not.toMatch(/sha256|scrypt|secret-/);
    await looksRight(page, 'participants', problems);
  }, 60_000);

  it('2., 5. an agreement is suspended, resumed and revoked, with a reason', async () => {
    const page = await stage.open('platform', '/console/agreements?participant=c_h007&service=InoltroProtocollo');
    const problems = watchProblems(page);
    const row = page.locator('tbody tr[data-index]').filter({ hasText: 'c_i804' }).first();
    const order = async (turn: string, status: string) => {
      await row.getByRole('button', { name: new RegExp(`^${turn}`) }).click();
      await page.getByRole('dialog').getByLabel('Motivo').fill('prova');
      await page.getByRole('dialog').getByRole('button', { name: turn }).click();
      await row.locator(`[data-status="${status}"]`).waitFor();
    };
    await order('Sospendi', 'suspended');
    await order('Riattiva', 'active');
    await looksRight(page, 'agreements', problems);
    await order('Revoca', 'revoked');
  }, 60_000);

  it('2. no data of another participant reaches the browser of an operator with a scope', async () => {
    const seen: string[] = [];
    const page = await stage.openNobody('/console/login');
    page.on('response', (response) => {
      if (
        !new URL(response.url()).pathname.startsWith('/admin/') ||
        /event-stream/.test(response.headers()['content-type'] ?? '')
      )
        return;
      void response.text().then(
        (text) => seen.push(text),
        () => undefined,
      );
    });
    await stage.open('raiano');
    await logInAt(page, 'raiano');
    const paths = [
      '/',
      '/flows',
      '/flow-map',
      '/messages',
      '/queues',
      '/dead-letters',
      '/jobs',
      '/agreements',
      '/services',
      '/services/VariazioneAnagrafica/1',
      '/routes?system=raiano.anagrafe&receiver=r_abruzz&service=VariazioneAnagrafica&path=/notifiche',
      '/alerts',
      '/reports',
      '/certificates',
    ];
    for (const path of paths) {
      await page.goto(`/console${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('load');
      await page.locator('.console-loading').waitFor({ state: 'detached' });
    }
    expect(seen.length).toBeGreaterThan(6);
    expect(seen.filter((text) => /c_i804|c_h007|sulmona|pratola/.test(text))).toEqual([]);
  }, 60_000);
});
