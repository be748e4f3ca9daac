import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openBrowser, type Browser } from '../support/browser.js';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { CLIENT, startIssuer, throughIssuer, type Issuer } from '../support/issuer.js';
import { bearer, writeOperators } from '../support/operators.js';
import { freePort } from '../support/ports.js';
import { writeRegistry } from '../support/registry.js';

const CALLBACK = '/admin/session/oidc/callback';
const MARTA = { kind: 'operator', id: 'marta', name: 'Marta Rossi', role: 'participant', scope: 'c_i804' };

async function stage(
  settings: (issuer: Issuer, directory: string) => Promise<Record<string, string>>,
  identity: string,
) {
  const port = String(await freePort());
  const issuer = await startIssuer(`http://127.0.0.1:${port}`);
  const data = await dataDirectory();
  const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
  await writeOperators(directory);
  await writeFile(join(directory, 'marta.yaml'), stringify({ ...MARTA, identity }));
  const env = { CROCEVIA_PORT: port, CROCEVIA_DATA_DIR: data, CROCEVIA_REGISTRY_DIR: directory };
  const gateway = await startGateway({
    ...env,
    CROCEVIA_OIDC_ISSUER: issuer.url,
    CROCEVIA_OIDC_CLIENT_ID: CLIENT.id,
    ...(await settings(issuer, data)),
  });
  const stop = async () => {
    expect(await gateway.stop()).toBe(0);
    await issuer.stop();
    await rm(data, { recursive: true, force: true });
  };
  return { issuer, gateway, directory, stop };
}

const secret = async (_issuer: Issuer, directory: string) => {
  await writeFile(join(directory, 'secret'), `${CLIENT.secret}\n`);
  return { CROCEVIA_OIDC_SECRET_FILE: join(directory, 'secret') };
};

/** Sends a browser to the issuer and returns the address with which it comes back. */
async function cameBack(browser: Browser, { url }: Issuer, query = ''): Promise<string> {
  const sent = await browser.ask(`/admin/session/oidc${query}`);
  expect(sent.status).toBe(302);
  return throughIssuer(openBrowser(url), String(sent.headers['location']), url);
}

describe('log-in at an issuer of OpenID Connect, embedded', () => {
  let issuer: Issuer;
  let gateway: RunningGateway;
  let directory: string;
  let stop: () => Promise<void>;

  beforeAll(async () => void ({ issuer, gateway, directory, stop } = await stage(secret, 'sub-of-marta')), 120_000);
  afterAll(() => stop(), 60_000);
  beforeEach(() => issuer.be({ sub: 'sub-of-marta' }));

  it('3: a registered operator is let in as what the registry says it is', async () => {
    const browser = openBrowser(gateway.url);
    const page = await browser.ask(await cameBack(browser, issuer, '?to=/admin/reference'));
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<meta http-equiv="refresh" content="0; url=/admin/reference">');
    const session = (await browser.ask('/admin/session')).json();
    expect(session).toMatchObject({
      operator: { id: 'marta', role: 'participant', participants: ['c_i804'] },
      session: { method: 'oidc', mustChangePassword: false },
    });
    expect((await browser.ask('/admin/messages')).status).toBe(200);
    expect((await browser.ask('/admin/node')).status).toBe(403);
    expect(await http(`${gateway.url}/admin/session/methods`).then((one) => one.json())).toEqual({
      password: true,
      oidc: true,
    });
  });

  it('3: asks with PKCE, state and nonce, and keeps them in a cookie that no script reads', async () => {
    const sent = await openBrowser(gateway.url).ask('/admin/session/oidc');
    const { searchParams } = new URL(String(sent.headers['location']));
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT.id,
      redirect_uri: `${gateway.url}${CALLBACK}`,
      scope: 'openid',
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    expect(String(sent.headers['set-cookie'])).toMatch(/^crocevia-oidc=.*; Max-Age=600; .*HttpOnly.*; SameSite=Lax/);
  });

  it('3: makes no operator up: who is not registered is told what to do', async () => {
    await issuer.be({ sub: 'someone else' });
    const browser = openBrowser(gateway.url);
    const refused = await browser.ask(await cameBack(browser, issuer));
    expect(refused.json()).toMatchObject({
      status: 403,
      code: 'operator-not-allowed',
      detail: 'The issuer knows you as sub someone else, and no operator is registered with that.',
      expected: expect.stringContaining('identity'),
    });
    expect((await browser.ask('/admin/session')).status).toBe(401);
    const { items } = (
      await http(`${gateway.url}/admin/audit?event=session.refused`, { headers: bearer('auditor') })
    ).json<{
      items: object[];
    }>();
    expect(items[0]).toMatchObject({ operator: null, address: '127.0.0.1', detail: { method: 'oidc' } });
  });

  it('3: an answer is for the browser that has asked, once', async () => {
    const browser = openBrowser(gateway.url);
    const address = await cameBack(browser, issuer);
    const another = openBrowser(gateway.url);
    expect((await another.ask(address)).json()).toMatchObject({ status: 401, code: 'log-in-refused' });
    await another.ask('/admin/session/oidc');
    expect((await another.ask(address)).json()).toMatchObject({ status: 401, code: 'log-in-refused' });
    const kept = new Map(browser.cookies);
    expect((await browser.ask(address)).status).toBe(200);
    expect((await browser.ask(address)).json()).toMatchObject({ code: 'log-in-refused' });
    // The code is spent at the issuer too.
    for (const [name, value] of kept) another.cookies.set(name, value);
    expect((await another.ask(address)).json()).toMatchObject({ status: 401, code: 'log-in-refused' });
  });

  it.each([
    ['?error=access_denied&state=STATE', 401],
    ['?code=x&state=wrong', 401],
    ['?code=x&state=STATE', 401],
    ['?code=x&state=STATE&iss=https://evil.example', 401],
    ['', 401],
  ])('3: what comes back as %s is no log-in', async (query, status) => {
    const browser = openBrowser(gateway.url);
    const sent = await browser.ask('/admin/session/oidc');
    const state = new URL(String(sent.headers['location'])).searchParams.get('state') ?? '';
    const answer = await browser.ask(`${CALLBACK}${query.replace('STATE', state)}`);
    expect(answer.json()).toMatchObject({ status, code: 'log-in-refused' });
    expect(browser.cookies.has('crocevia-session')).toBe(false);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/admin/"><script>',
    '/other',
    '/admin/../x?a=b',
    '/admin/../x',
    '/console/x?a=<b>',
  ])('3: goes on to no %s', async (to) => {
    const answer = await openBrowser(gateway.url).ask(`/admin/session/oidc?to=${encodeURIComponent(to)}`);
    expect(answer.json()).toMatchObject({ status: 400, code: 'parameter-wrong', place: 'to' });
  });

  it('3: goes on to a page of the console with what its address says', async () => {
    const browser = openBrowser(gateway.url);
    const to = encodeURIComponent('/console/documents/service/Nota?version=1&copy=b%20c');
    const page = await browser.ask(await cameBack(browser, issuer, `?to=${to}`));
    expect(page.text).toContain('url=/console/documents/service/Nota?version=1&amp;copy=b%20c">');
  });

  it('3: a log-out goes on to the issuer, which knows the session', async () => {
    const browser = openBrowser(gateway.url);
    await browser.ask(await cameBack(browser, issuer));
    await browser.ask('/admin/session');
    const { logOutAt } = (await browser.ask('/admin/session', { method: 'DELETE' })).json<{ logOutAt: string }>();
    const { origin, searchParams } = new URL(logOutAt);
    expect([origin, searchParams.get('post_logout_redirect_uri')]).toEqual([issuer.url, `${gateway.url}/console/`]);
    expect(searchParams.get('id_token_hint')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await openBrowser(issuer.url).ask(logOutAt)).status).toBe(200);
    expect((await browser.ask('/admin/session')).status).toBe(401);
  });

  it('3: a session ends with its operator in the registry', async () => {
    const browser = openBrowser(gateway.url);
    await browser.ask(await cameBack(browser, issuer));
    await writeFile(join(directory, 'marta.yaml'), stringify({ ...MARTA, scope: 'c_h166', identity: 'sub-of-marta' }));
    const reload = { method: 'POST', headers: bearer('platform') } as const;
    expect((await http(`${gateway.url}/admin/registry/reload`, reload)).status).toBe(200);
    expect((await browser.ask('/admin/session')).status).toBe(401);
  });

  // Last: the issuer is away from here on.
  it('3: with the issuer away that way is refused in time, and the others go on', async () => {
    const browser = openBrowser(gateway.url);
    const address = await cameBack(browser, issuer);
    await issuer.silence();
    const began = Date.now();
    const refused = await browser.ask(address);
    expect(refused.json()).toMatchObject({ status: 503, code: 'issuer-away', retryable: true });
    expect(Date.now() - began).toBeLessThan(15_000);
    const account = await http(`${gateway.url}/admin/operators/sulmona/account`, {
      method: 'POST',
      headers: bearer('platform'),
    });
    const body = { operator: 'sulmona', password: account.json<{ password: string }>().password };
    expect((await browser.ask('/admin/session', { body })).status).toBe(200);
  }, 40_000);
});

describe('log-in by e-mail and a client with a key, embedded', () => {
  it('3: knows an operator by an address that the issuer has verified', async () => {
    const byKey = async (issuer: Issuer, directory: string) => {
      await writeFile(join(directory, 'key.pem'), issuer.clientKey);
      return {
        CROCEVIA_OIDC_CLIENT_ID: 'crocevia-key',
        CROCEVIA_OIDC_KEY_FILE: join(directory, 'key.pem'),
        CROCEVIA_OIDC_SCOPES: 'openid email',
        CROCEVIA_OIDC_CLAIM: 'email',
      };
    };
    const { issuer, gateway, stop } = await stage(byKey, 'marta@comune.example');
    const browser = openBrowser(gateway.url);
    await issuer.be({ sub: 'x', email: 'marta@comune.example', email_verified: false });
    const refused = await browser.ask(await cameBack(browser, issuer));
    expect(refused.json()).toMatchObject({ status: 403, detail: expect.stringContaining('no usable email') });
    await issuer.be({ sub: 'x', email: 'marta@comune.example', email_verified: true });
    expect((await browser.ask(await cameBack(browser, issuer))).status).toBe(200);
    expect((await browser.ask('/admin/session')).json()).toMatchObject({ operator: { id: 'marta' } });
    await stop();
  }, 120_000);

  it('3: a gateway starts without its issuer, and says so to who would log in there', async () => {
    const data = await dataDirectory();
    const directory = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await writeFile(join(data, 'secret'), 'x');
    const gateway = await startGateway({
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_REGISTRY_DIR: directory,
      CROCEVIA_OIDC_ISSUER: `http://127.0.0.1:${await freePort()}`,
      CROCEVIA_OIDC_CLIENT_ID: CLIENT.id,
      CROCEVIA_OIDC_SECRET_FILE: join(data, 'secret'),
    });
    const answer = await openBrowser(gateway.url).ask('/admin/session/oidc');
    expect([answer.json(), Number(answer.headers['retry-after'])]).toMatchObject([
      { status: 503, code: 'issuer-away' },
      30,
    ]);
    expect((await http(`${gateway.url}/admin/node`, { headers: bearer('platform') })).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 120_000);
});
