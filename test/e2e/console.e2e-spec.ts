import { rm } from 'node:fs/promises';
import { http } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';

/** What no page of another site may do with an answer. */
const PROTECTED = {
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/) as string,
  'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/) as string,
};

describe('the console as it is served, embedded', () => {
  let data: string;
  let gateway: RunningGateway;
  beforeAll(async () => {
    data = await dataDirectory();
    gateway = await startGateway({ CROCEVIA_DATA_DIR: data, PUBLIC_URL: 'https://porta.example' });
  }, 60_000);
  afterAll(async () => {
    expect(await gateway.stop()).toBe(0);
    await rm(data, { recursive: true, force: true });
  });
  const get = (path: string, headers: Record<string, string> = {}) => http(`${gateway.url}${path}`, { headers });
  const pageAt = async (path: string) => {
    const { status, headers, text } = await get(path);
    expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
    return { headers, text, policy: headers['content-security-policy'] ?? '' };
  };

  it('3: is framed, sniffed and read by no other page, over TLS alone: every answer of it', async () => {
    const { text } = await pageAt('/console/');
    const assets = [...text.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path as string);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of ['/', '/console', '/console/', '/console/messages', '/console/assets/none.js', ...assets]) {
      const { headers } = await get(path, { origin: 'https://evil.example' });
      expect([path, headers]).toEqual([path, expect.objectContaining(PROTECTED)]);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('6: its page runs its own scripts only, and no two answers share the nonce of its styles', async () => {
    const [one, other] = [await pageAt('/console/'), await pageAt('/console/')];
    expect(one.policy).toMatch(/script-src 'self';/);
    expect(one.policy).not.toMatch(/unsafe|https?:|\*/);
    const nonceOf = (policy: string) => /'nonce-([\w+/=]{24})'/.exec(policy)?.[1];
    expect(nonceOf(one.policy)).toBeDefined();
    expect(nonceOf(one.policy)).not.toBe(nonceOf(other.policy));
    expect(one.headers['cache-control']).toBe('no-store');
    expect(one.text).not.toMatch(/<script(?![^>]*\ssrc="\/console\/)|\son\w+=|(src|href)="(https?:)?\/\//);
  });

  it('6: nothing of an address is written into it, and no path leads out of its files', async () => {
    const plain = (await pageAt('/console/')).text.replace(/nonce="[^"]*"|content="[\w+/=]{24}"/g, '');
    for (const path of [
      '%3Cscript%3Ealert(1)%3C%2Fscript%3E',
      'messages?text=%22%3E%3Csvg%20onload=alert(1)%3E',
      '..%2f..%2fpackage.json',
      '%2e%2e/%2e%2e/package.json',
      '....//....//package.json',
      'assets%2f..%2f..%2fmain.js',
      'index.html%00.js',
    ]) {
      const { status, text } = await get(`/console/${path}`);
      expect([path, [200, 400, 404].includes(status)]).toEqual([path, true]);
      if (status === 200) expect(text.replace(/nonce="[^"]*"|content="[\w+/=]{24}"/g, '')).toBe(plain);
      expect(text).not.toMatch(/alert\(1\)|"dependencies"|reflect-metadata/);
    }
  });
});
