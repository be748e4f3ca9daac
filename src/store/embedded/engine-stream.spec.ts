import { completeRequest } from './engine-stream.js';

const message = (type: string, body: string) => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
};

describe('completeRequest', () => {
  const parse = message('P', 'select 1');
  const sync = message('S', '');
  const query = message('Q', 'ROLLBACK\0');

  it.each([
    ['an extended query up to its Sync', [parse, sync], parse.length + sync.length],
    ['nothing without a Sync', [parse], 0],
    ['nothing of half a message', [query.subarray(0, 8)], 0],
    ['whole messages before a half one', [query, parse.subarray(0, 7)], query.length],
    ['nothing of a Terminate', [message('X', '')], 0],
  ])('takes %s', (_name, parts, length) => {
    expect(completeRequest(Buffer.concat(parts as Buffer[]))).toBe(length);
  });
});
