import { createServer, type Server } from 'node:https';
import { certificateAuthority, type Authority } from '../support/certificates.js';
import { http, idOf, statusWhen, type StatusView } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { freePort } from '../support/ports.js';
import { KEYS, writeParticipants, writeRegistry } from '../support/registry.js';
import { SHAPES, type Ground } from '../support/shapes.js';

const REST = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';
const [, embedded] = SHAPES[0];

describe('1: an endpoint whose certificate is over', () => {
  let ground: Ground;
  let gateway: RunningGateway;
  let authority: Authority;
  let server: Server;
  let directory: string;
  let port: number;

  const destinations = () => {
    const push = { channel: 'push-rest' as const, url: `https://127.0.0.1:${port}/`, shape: 'json' as const };
    return { pratola: push, regione: { ...push, retry: { attempts: 2, firstDelayMs: 10, maxDelayMs: 20 } } };
  };

  beforeAll(async () => {
    [ground, port] = await Promise.all([embedded(), freePort()]);
    authority = certificateAuthority();
    const { cert, key } = authority.issue('over', 'ended');
    server = createServer({ cert, key }, (_request, reply) => void reply.writeHead(200).end());
    await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
    directory = await writeRegistry(destinations());
    gateway = await startGateway({
      ...ground.env,
      CROCEVIA_REGISTRY_DIR: directory,
      NODE_EXTRA_CA_CERTS: authority.caFile,
    });
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
    authority.remove();
    await ground.stop();
  }, 60_000);

  const present = ({ cert, key }: ReturnType<Authority['issue']>) => {
    server.setSecureContext({ cert, key });
    server.closeAllConnections();
  };

  /** Messages that wait for the renewal. */
  const held = async () => {
    const send = () => http(`${gateway.url}${REST}`, { key: KEYS.sulmona, body: noticeJson() });
    const ids = (await Promise.all(Array.from({ length: 8 }, send))).map(idOf);
    const rests = ({ deliveries: [one] }: StatusView) =>
      one?.state === 'SUSPENDED' && one.fault?.code === 'certificate-expired';
    const resting = await Promise.all(ids.slice(0, 3).map((id) => statusWhen(gateway.url, id, rests)));
    expect(resting.map(({ deliveries }) => deliveries[0]?.attempts)).toEqual([0, 0, 0]);
    return ids;
  };

  const expectDelivered = async (ids: readonly string[], ms: number) => {
    const ended = await Promise.all(
      ids.map((id) => statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED', ms)),
    );
    expect(ended.map(({ deliveries }) => deliveries[0]?.attempts)).toEqual(ids.map(() => 1));
  };

  it('1: holds its messages without burning an attempt, until it is renewed and the registry changes', async () => {
    const ids = await held();
    present(authority.issue('renewed'));
    await writeParticipants(directory, { ...destinations(), expiresAfter: 3_600 });
    await expectDelivered(ids, 30_000);
  }, 60_000);

  it('1: finds out by itself that it is renewed: nobody tells, and no other message comes', async () => {
    present(authority.issue('over-again', 'ended'));
    const ids = await held();
    present(authority.issue('renewed-again'));
    await expectDelivered(ids, 100_000);
  }, 120_000);
});
