import { rm } from 'node:fs/promises';
import { openBrowser } from '../support/browser.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway } from '../support/gateway.js';
import { writeRegistry } from '../support/registry.js';

const OWN = 'una frase lunga e propria';

describe('the first start, embedded', () => {
  it('3: tells a first password once where no token lets anybody in, and never in the log', async () => {
    const data = await dataDirectory();
    const env = {
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_REGISTRY_DIR: await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } }),
      CROCEVIA_ADMIN_TOKEN: '',
      PUBLIC_URL: 'https://crocevia.example',
    };
    const before = await startGateway(env);
    const told = /^First password of the operator platform.*: (\S+)$/m.exec(before.logs())?.[1] ?? '';
    expect(told).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    expect(
      before
        .logs()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.includes(told)),
    ).toEqual([]);
    await before.stop();
    const gateway = await startGateway(env);
    expect(gateway.logs()).not.toContain('First password');
    const browser = openBrowser(gateway.url);
    const answer = await browser.ask('/admin/session', { body: { operator: 'platform', password: told } });
    expect(answer.json()).toMatchObject({ operator: { role: 'platform' }, session: { mustChangePassword: true } });
    // Where browsers come over TLS the cookie is theirs alone, and they stay with TLS.
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat())
      expect(cookie).toMatch(/^__Host-crocevia-(session|device)=.*; Path=\/; .*Secure/);
    expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    const body = { password: told, newPassword: OWN };
    await browser.ask('/admin/session/password', { method: 'PUT', body });
    expect((await browser.ask('/admin/node')).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  }, 120_000);
});
