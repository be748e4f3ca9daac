import fastify from 'fastify';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Reply } from '../message/stages.js';
import { send } from './exchange.js';

/** Head and content as they stand on the wire, without the day. */
async function sent(answer: Reply): Promise<readonly string[]> {
  const app = fastify();
  app.get('/', (_request, reply) => send(reply, answer));
  await app.ready();
  const [consumer, gateway] = duplexPair();
  app.server.emit('connection', gateway);
  consumer.end('GET / HTTP/1.1\r\nHost: porta.example\r\nConnection: close\r\n\r\n');
  const lines = (await text(consumer)).split('\r\n');
  await app.close();
  return lines.filter((line) => !/^(date|connection):/i.test(line));
}

describe('an answer that is sent', () => {
  const headers = { etag: '"3"', 'cache-control': 'max-age=5', vary: 'accept' };

  it.each([[''], [Buffer.from('of a provider that is not called')]])(
    '2: 304 has the headers of the provider and says nothing of a content, body "%s"',
    async (body) =>
      expect(await sent({ status: 304, headers, body })).toEqual([
        'HTTP/1.1 304 Not Modified',
        'etag: "3"',
        'cache-control: max-age=5',
        'vary: accept',
        '',
        '',
      ]),
  );

  it('2: any other has its content and the length of it', async () => {
    const answer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Anna' };
    expect(await sent(answer)).toEqual([
      'HTTP/1.1 200 OK',
      'content-type: text/plain',
      'content-length: 4',
      '',
      'Anna',
    ]);
  });
});
