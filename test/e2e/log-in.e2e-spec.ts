import { rm } from 'node:fs/promises';
import { Secret, TOTP } from 'otpauth';
import { openBrowser, type Browser } from '../support/browser.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { bearer, writeOperators, type OperatorName } from '../support/operators.js';
import { writeRegistry } from '../support/registry.js';

const OWN = 'una frase lunga e propria';

interface SessionView {
  readonly operator: { readonly id: string; readonly role: string; readonly participants: readonly string[] | null };
  readonly actions: readonly string[];
  readonly session: {
    readonly mustChangePassword: boolean;
    readonly secondFactor: boolean;
    readonly csrfToken: string;
  } | null;
}

describe('log-in with local accounts, embedded', () => {
  let gateway: RunningGateway;
  let directory: string;
  let data: string;

  beforeAll(async () => {
    data = await dataDirectory();
    directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeOperators(directory);
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory });
  }, 120_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 60_000);

  const first = async (operator: OperatorName) => {
    const answer = await http(`${gateway.url}/admin/operators/${operator}/account`, {
      method: 'POST',
      headers: bearer('platform'),
    });
    expect(answer.status).toBe(201);
    return answer.json<{ password: string }>().password;
  };
  const logIn = (browser: Browser, operator: string, password: string, more: object = {}) =>
    browser.ask('/admin/session', { body: { operator, password, ...more } });
  /** A browser at which the operator is logged in with a password of its own. */
  const atWork = async (operator: OperatorName, password = OWN) => {
    const browser = openBrowser(gateway.url);
    const given = await first(operator);
    expect((await logIn(browser, operator, given)).status).toBe(200);
    const body = { password: given, newPassword: password };
    expect((await browser.ask('/admin/session/password', { method: 'PUT', body })).status).toBe(200);
    return browser;
  };
  const audit = async (query: string) =>
    (await http(`${gateway.url}/admin/audit?${query}`, { headers: bearer('auditor') })).json<{
      items: { event: string; operator: string | null; address: string; subject: string | null; detail: object }[];
    }>().items;

  it('3: a first password lets in only to be changed, and every id of before is over then', async () => {
    const browser = openBrowser(gateway.url);
    const given = await first('sulmona');
    const begun = (await logIn(browser, 'sulmona', given)).json<SessionView>();
    expect(begun).toMatchObject({ operator: { id: 'sulmona', role: 'participant' }, actions: [] });
    expect(begun.session?.mustChangePassword).toBe(true);
    const refused = await browser.ask('/admin/messages');
    expect([refused.status, refused.json()]).toMatchObject([403, { code: 'password-change-due' }]);
    const before = new Map(browser.cookies);
    const short = { password: given, newPassword: 'troppo corta' };
    const no = await browser.ask('/admin/session/password', { method: 'PUT', body: short });
    expect(no.json()).toMatchObject({ status: 422, code: 'password-refused', place: 'newPassword' });
    const same = { password: given, newPassword: given };
    expect((await browser.ask('/admin/session/password', { method: 'PUT', body: same })).status).toBe(422);
    const good = { password: given, newPassword: OWN };
    const changed = await browser.ask('/admin/session/password', { method: 'PUT', body: good });
    expect(changed.json<SessionView>().session).toMatchObject({ mustChangePassword: false, secondFactor: false });
    expect(changed.json<SessionView>().actions).toContain('messages.read');
    expect((await browser.ask('/admin/messages')).status).toBe(200);
    const old = openBrowser(gateway.url);
    for (const [name, value] of before) old.cookies.set(name, value);
    expect((await old.ask('/admin/session')).status).toBe(401);
    expect((await logIn(openBrowser(gateway.url), 'sulmona', given)).status).toBe(401);
    expect((await logIn(openBrowser(gateway.url), 'sulmona', OWN)).status).toBe(200);
  });

  it('3: its cookie is for this host alone and no script; a log-in gives it a new id', async () => {
    const browser = await atWork('centre');
    const id = () => browser.cookies.get('crocevia-session');
    const before = id();
    const answer = await logIn(browser, 'centre', OWN);
    const cookies = [answer.headers['set-cookie'] ?? []].flat();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/; .*HttpOnly.*; SameSite=Strict/);
    expect(id()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(id()).not.toBe(before);
    const old = openBrowser(gateway.url);
    old.cookies.set('crocevia-session', before!);
    expect((await old.ask('/admin/session')).status).toBe(401);
  });

  it('3: a change needs the token of the session, and comes from no other site', async () => {
    const browser = await atWork('region');
    const reload = (headers: Record<string, string>) =>
      browser.ask('/admin/systems/sulmona.anagrafe/pause', { method: 'POST', headers });
    const wrong: Record<string, string>[] = [
      { 'x-csrf-token': '' },
      { 'x-csrf-token': 'a'.repeat(43) },
      { 'x-csrf-token': openBrowser(gateway.url).csrfToken ?? 'none' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of wrong) expect((await reload(headers)).json()).toMatchObject({ code: 'csrf-token-wrong' });
    expect((await reload({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await browser.ask('/admin/systems/sulmona.anagrafe/resume', { method: 'POST' })).status).toBe(200);
    const login = { operator: 'region', password: OWN };
    const forged = await browser.ask('/admin/session', { body: login, headers: { 'sec-fetch-site': 'cross-site' } });
    expect([forged.status, forged.json()]).toMatchObject([403, { code: 'csrf-token-wrong' }]);
    const bearing = { method: 'POST', headers: { ...bearer('region'), 'x-csrf-token': '' } } as const;
    expect((await browser.ask('/admin/systems/sulmona.anagrafe/resume', bearing)).status).toBe(200);
  });

  it('3: log-out ends it at once; log-out of all ends it at every browser', async () => {
    const one = await atWork('raiano');
    const two = openBrowser(gateway.url);
    await logIn(two, 'raiano', OWN);
    const kept = one.cookies.get('crocevia-session')!;
    const out = await one.ask('/admin/session', { method: 'DELETE' });
    expect([out.status, out.json()]).toEqual([200, { logOutAt: null }]);
    expect(one.cookies.has('crocevia-session')).toBe(false);
    one.cookies.set('crocevia-session', kept);
    expect((await one.ask('/admin/session')).status).toBe(401);
    expect((await two.ask('/admin/session')).status).toBe(200);
    await logIn(one, 'raiano', OWN);
    expect((await two.ask('/admin/session/all', { method: 'DELETE' })).status).toBe(204);
    for (const browser of [one, two]) expect((await browser.ask('/admin/session')).status).toBe(401);
    const events = (await audit('operator=raiano')).map(({ event }) => event);
    expect(events.slice(0, 4)).toEqual(['sessions.ended', 'session.begun', 'session.ended', 'session.begun']);
  });

  it('3: a second factor is in force with its first code; each code and each recovery code serves once', async () => {
    const browser = await atWork('auditor');
    const enrolment = await browser.ask('/admin/session/second-factor', { body: { password: OWN } });
    const { secret, uri } = enrolment.json<{ secret: string; uri: string }>();
    expect(uri).toContain(secret);
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    expect((await logIn(openBrowser(gateway.url), 'auditor', OWN)).status).toBe(200);
    const bad = await browser.ask('/admin/session/second-factor/confirmation', { body: { code: '000000' } });
    expect(bad.json()).toMatchObject({ code: 'parameter-wrong', place: 'code' });
    const code = totp.generate();
    const done = await browser.ask('/admin/session/second-factor/confirmation', { body: { code } });
    const { recoveryCodes } = done.json<{ recoveryCodes: readonly [string, ...string[]] }>();
    expect(recoveryCodes).toHaveLength(10);
    expect(done.json<SessionView>().session?.secondFactor).toBe(true);
    expect((await browser.ask('/admin/session')).json<SessionView>().session?.secondFactor).toBe(true);
    const answer = async (more: object) => {
      const { status, text } = await logIn(openBrowser(gateway.url), 'auditor', OWN, more);
      return status === 200 ? status : text;
    };
    const without = await answer({});
    // Nothing tells that the password was right, and the code of the enrolment is spent.
    expect(without).toContain('log-in-refused');
    expect(await answer({ code })).toBe(without);
    const next = totp.generate({ timestamp: Date.now() + 30_000 });
    expect([await answer({ code: next }), await answer({ code: next })]).toEqual([200, without]);
    const [recovery] = recoveryCodes;
    expect([await answer({ code: recovery }), await answer({ code: recovery })]).toEqual([200, without]);
    const short = { password: OWN, newPassword: 'corta8ok', code: recoveryCodes[1] };
    expect((await browser.ask('/admin/session/password', { method: 'PUT', body: short })).status).toBe(200);
    const proof = { password: 'corta8ok', code: recoveryCodes[2] };
    const tooShort = await browser.ask('/admin/session/second-factor/removal', { body: proof });
    expect(tooShort.json()).toMatchObject({ status: 422, code: 'password-refused' });
  });

  it('3: an unknown name, a name without account and a wrong password are answered alike, and the name is not kept', async () => {
    await first('auditor-raiano');
    const answers = [];
    for (const name of ['nobody', 'platform', 'auditor-raiano', 'La mia password!']) {
      const { status, headers, text } = await logIn(openBrowser(gateway.url), name, 'sbagliata');
      const { date: _date, ...others } = headers;
      answers.push(JSON.stringify([status, others, text]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('log-in-refused');
    const refused = await audit('event=session.refused&limit=4');
    expect(refused.map(({ operator }) => operator)).toEqual([null, 'auditor-raiano', null, null]);
    expect(refused[0]?.address).toBe('127.0.0.1');
    expect(JSON.stringify(refused)).not.toContain('password!');
  });

  it('3: the platform ends sessions of another: by a new first password, or as they are', async () => {
    const browser = await atWork('centre');
    await first('centre');
    expect((await browser.ask('/admin/session')).status).toBe(401);
    const again = await atWork('centre');
    const ended = await http(`${gateway.url}/admin/operators/centre/sessions`, {
      method: 'DELETE',
      headers: bearer('platform'),
    });
    expect([ended.status, (await again.ask('/admin/session')).status]).toEqual([204, 401]);
  });

  it.each(['/admin/session', '/admin/messages', '/admin/messages?limit=x', '/admin/nothing', '/nothing'])(
    '3: %s is kept, framed and read by no other page',
    async (path) => {
      for (const headers of [{ ...bearer('platform'), origin: 'https://evil.example' }, {}]) {
        const answer = await http(`${gateway.url}${path}`, { headers });
        expect(answer.headers).toMatchObject({
          'cache-control': 'no-store',
          'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
          'x-frame-options': 'DENY',
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        });
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }
    },
  );

  it('3: answers no preflight of another site', async () => {
    const answer = await http(`${gateway.url}/admin/messages`, {
      method: 'OPTIONS' as 'GET',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(404);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it.each([
    [{}, 'operator'],
    [{ operator: 'a' }, 'password'],
    [{ operator: ['a'], password: 'b' }, 'operator'],
    [{ operator: 'a', password: 'b'.repeat(513) }, 'password'],
    [{ operator: 'a\u0000', password: 'b' }, 'operator'],
    [{ operator: 'a', password: 'b', code: 5 }, 'code'],
  ])('3: %j is no log-in', async (body, place) => {
    const answer = await openBrowser(gateway.url).ask('/admin/session', { body });
    expect(answer.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place });
  });

  it('3: reads no long body of a stranger', async () => {
    const body = { operator: 'a', password: 'b'.repeat(5_000) };
    expect((await openBrowser(gateway.url).ask('/admin/session', { body })).json()).toMatchObject({
      code: 'too-large',
    });
  });

  // Last: it uses up what this address may try.
  it('3: who guesses is held up with each name and each address; a browser that is known is not', async () => {
    const browser = await atWork('sulmona');
    const tries = async (name: string) => {
      const statuses: number[] = [];
      for (let n = 0; n < 6; n++) statuses.push((await logIn(openBrowser(gateway.url), name, `guess-${n}`)).status);
      return statuses;
    };
    expect((await tries('sulmona')).at(-1)).toBe(429);
    const held = await logIn(openBrowser(gateway.url), 'sulmona', OWN);
    expect([held.status, held.json()]).toMatchObject([429, { code: 'log-in-throttled' }]);
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(600);
    expect((await logIn(browser, 'sulmona', OWN)).status).toBe(200);
    for (const name of ['altri', 'ancora', 'qualcuno', 'nessuno']) await tries(name);
    expect((await logIn(openBrowser(gateway.url), 'sconosciuto', 'x')).status).toBe(429);
    expect((await logIn(browser, 'sulmona', OWN)).status).toBe(200);
  });
});
