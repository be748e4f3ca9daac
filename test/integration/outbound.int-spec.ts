import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange } from '../../src/delivery/http-exchange.js';
import { Fault } from '../../src/message/fault.js';
import { outboundAgent } from '../../src/outbound/agent.js';
import type { AddressForbidden, Resolve } from '../../src/outbound/connector.js';
import { forbiddenBut } from '../../src/outbound/networks.js';

const ALLOWED = '127.0.0.2';
const FORBIDDEN = '127.0.0.3';

describe('what is called', () => {
  const hits: string[] = [];
  const refused: AddressForbidden[] = [];
  const servers: Server[] = [];
  let port: number;

  const listen = (host: string, at: number) =>
    new Promise<number>((resolve) => {
      const server = createServer((asked, reply) => {
        hits.push(host);
        if (asked.url === '/elsewhere') reply.writeHead(307, { location: `http://${FORBIDDEN}:${port}/` }).end();
        else reply.writeHead(200, { connection: 'close' }).end('here');
      });
      servers.push(server);
      server.listen(at, host, () => resolve((server.address() as AddressInfo).port));
    });

  beforeAll(async () => {
    port = await listen(ALLOWED, 0);
    await listen(FORBIDDEN, port);
  });
  beforeEach(() => void (hits.length = refused.length = 0));
  afterAll(() => servers.forEach((server) => server.close()));

  const agent = (allowed: readonly string[], resolve?: Resolve) =>
    outboundAgent({
      connections: 4,
      timeoutMs: 1_000,
      forbidden: forbiddenBut(allowed),
      refused: (error) => void refused.push(error),
      ...(resolve && { resolve }),
    });

  const call = async (host: string, by = agent([ALLOWED]), path = '/') =>
    exchange(by, {
      method: 'POST',
      url: `http://${host}:${port}${path}`,
      headers: {},
      body: Buffer.from('x'),
      timeoutMs: 2_000,
      receiver: 'c_h007',
      maxBytes: 1_000,
      longer: 'cut',
    }).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof Fault ? error.code : error),
    );

  it('6: is an address that is allowed', async () => {
    expect(await call(ALLOWED)).toBe(200);
    expect(hits).toEqual([ALLOWED]);
  });

  it.each([
    FORBIDDEN,
    '2130706435',
    '0x7f000003',
    '017700000003',
    '0177.0.0.03',
    '127.3',
    '[::ffff:127.0.0.3]',
    '[::ffff:7f00:3]',
    '127.0.0.3.',
    '１２７.0.0.3',
    'localhost',
    '[::1]',
    '0',
  ])('6: is never %s', async (host) => {
    expect(await call(host)).toBe('destination-forbidden');
    expect(hits).toEqual([]);
    expect(refused).toHaveLength(1);
  });

  it('6: is asked of the resolver once for each connection, so that a name that moves is judged where it is', async () => {
    const answers = [ALLOWED, FORBIDDEN, FORBIDDEN];
    const asked: string[] = [];
    const by = agent([ALLOWED], (name, done) => {
      asked.push(name);
      done(null, [{ address: answers.shift() as string, family: 4 }]);
    });
    expect(await call('moves.example', by)).toBe(200);
    expect(await call('moves.example', by)).toBe('destination-forbidden');
    expect(asked).toEqual(['moves.example', 'moves.example']);
    expect(hits).toEqual([ALLOWED]);
    expect(refused[0]?.message).toContain('moves.example is at 127.0.0.3 (loopback)');
  });

  it('6: is of several addresses only one that is allowed', async () => {
    const both: Resolve = (_, done) =>
      done(
        null,
        [FORBIDDEN, ALLOWED].map((address) => ({ address, family: 4 })),
      );
    expect(await call('two.example', agent([ALLOWED], both))).toBe(200);
    expect(hits).toEqual([ALLOWED]);
    expect(await call('two.example', agent(['10.0.0.0/8'], both))).toBe('destination-forbidden');
  });

  it('6: is unreachable where the resolver fails or knows nothing', async () => {
    const fails: Resolve = (_, done) => done(Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), []);
    expect(await call('gone.example', agent([ALLOWED], fails))).toBe('receiver-unreachable');
    expect(
      await call(
        'none.example',
        agent([ALLOWED], (_, done) => done(null, [])),
      ),
    ).toBe('receiver-unreachable');
  });

  it('6: is not where a redirect points', async () => {
    expect(await call(ALLOWED, agent(['127.0.0.0/8']), '/elsewhere')).toBe(307);
    expect(hits).toEqual([ALLOWED]);
  });
});
