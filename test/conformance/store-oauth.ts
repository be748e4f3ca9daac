import { randomUUID } from 'node:crypto';
import { createSigningKeys, TOKEN_SECONDS } from '../../src/oauth/signing-keys.js';
import type { Store } from '../../src/store/open-store.js';

const DAY_MS = 86_400_000;

/** The promises of SigningKeyStore and UsedAssertions, over two nodes. */
export function oauthCases(nodes: () => readonly [Store, Store]): void {
  describe('token endpoint', () => {
    it('1: an assertion is used once, on whichever node', async () => {
      const [one, other] = nodes().map(({ assertions }) => assertions);
      const [jti, until] = [randomUUID(), new Date(Date.now() + 60_000)];
      const uses = await Promise.all([one, other, one].map((node) => node?.use('client', jti, until)));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await other?.use('another', jti, until)).toBe(true);
    });

    it('1: an assertion whose time is over is forgotten', async () => {
      const [{ assertions }] = nodes();
      const jti = randomUUID();
      expect(await assertions.use('client', jti, new Date(Date.now() - DAY_MS))).toBe(true);
      expect(await assertions.use('client', randomUUID(), new Date())).toBe(true);
      expect(await assertions.use('client', jti, new Date())).toBe(true);
    });

    it('1: signs with a key that both nodes know, and keeps the old one until its tokens are over', async () => {
      let now = Date.now();
      const [one, other] = nodes().map(({ signingKeys: store }) =>
        createSigningKeys({ store, now: () => now, problem: (error) => expect(error).toBeUndefined() }),
      ) as [ReturnType<typeof createSigningKeys>, ReturnType<typeof createSigningKeys>];
      const kids = () => one.jwks().keys.map(({ kid }) => kid);
      const signer = async () => {
        const [header = ''] = (await one.sign({ sub: 'x' })).split('.');
        return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
      };
      await one.look();
      await other.look();
      const [first] = kids();
      expect(await signer()).toBe(first);
      expect(await other.publicKey(first ?? '')).not.toBeNull();

      now += 31 * DAY_MS;
      await one.look();
      const second = kids().at(-1) ?? '';
      expect(kids()).toEqual([first, second]);
      // Published first: a node that has not looked since still knows the key that signs.
      expect(await signer()).toBe(first);
      expect(await other.publicKey(second)).not.toBeNull();
      now += 200_000;
      await one.look();
      expect(await signer()).toBe(second);
      expect(kids()).toEqual([first, second]);

      now += TOKEN_SECONDS * 1_000 + 120_000;
      await one.look();
      expect(kids()).toEqual([second]);
      await other.look();
      expect(await other.publicKey(first ?? '')).toBeNull();
    });
  });
}
