import { closingLine, openingLine, providerLine } from './fan-out-lines.js';

const told = (status: number, headers: Record<string, string>, body: string | Buffer) => {
  const line = providerLine({ provider: 'c_i804', outcome: 'answered', reply: { status, headers, body }, ms: 1.5 });
  const text = line.toString();
  expect(text.indexOf('\n')).toBe(text.length - 1);
  return { text, json: JSON.parse(text) as Record<string, unknown> };
};
const JSON_TYPE = { 'content-type': 'application/vnd.ente+json; charset=utf-8', 'x-gateway-id': 'g1' };

describe('lines of a fan-out', () => {
  it('7: JSON stands in its line as it came, on one line', () => {
    const { text, json } = told(200, JSON_TYPE, '{\r\n "a": "x\\ny",\n "n": 12345678901234567890.10\r}');
    expect(text).toContain('"body":{   "a": "x\\ny",  "n": 12345678901234567890.10 }}');
    expect(json).toMatchObject({ provider: 'c_i804', outcome: 'answered', status: 200, id: 'g1', ms: 1.5 });
  });

  it('7: leaves the bytes that it was given as they are', () => {
    const body = Buffer.from('[\n1]');
    told(200, JSON_TYPE, body);
    expect(body.toString()).toBe('[\n1]');
  });

  it.each([
    ['XML', 'application/xml', Buffer.from('<a>\n</a>'), { body: '<a>\n</a>' }],
    ['text of no type', undefined, Buffer.from('però'), { body: 'però' }],
    ['Latin-1', 'text/xml', Buffer.from('<a>però</a>', 'latin1'), { encoding: 'base64' }],
    ['UTF-16', 'text/xml', Buffer.from('<a/>', 'utf16le'), { encoding: 'base64' }],
    ['bytes', 'image/png', Buffer.from([0xff, 1]), { body: '/wE=', encoding: 'base64' }],
  ])('7: %s is a string, in base64 where it is no UTF-8 text', (_name, type, body, expected) => {
    const { json } = told(200, type === undefined ? {} : { 'content-type': type }, body);
    expect(json).toMatchObject({ contentType: type ?? null, ...expected });
    if (json['encoding']) expect(Buffer.from(json['body'] as string, 'base64')).toEqual(body);
  });

  it('7: a part of JSON is not JSON, and no body is no member', () => {
    expect(told(206, JSON_TYPE, '{"a":').json).toMatchObject({ body: '{"a":' });
    expect(told(204, {}, '').json).not.toHaveProperty('body');
  });

  it('7: what failed has its problem', () => {
    const reply = { status: 504, headers: { 'x-gateway-id': 'g2' }, body: '{"code":"query-timeout"}' };
    const line = providerLine({ provider: 'c_h007', outcome: 'failed', reply, ms: 2 });
    expect(JSON.parse(line.toString())).toEqual({
      provider: 'c_h007',
      outcome: 'failed',
      status: 504,
      id: 'g2',
      ms: 2,
      fault: { code: 'query-timeout' },
    });
  });

  it('7: the first line says how many will come, the last that the stream is whole', () => {
    const deadline = new Date('2026-11-26T12:00:00Z');
    expect(openingLine({ providers: 2, correlationId: 'k', deadline }).toString()).toBe(
      '{"outcome":"asking","providers":2,"correlationId":"k","deadline":"2026-11-26T12:00:00.000Z"}\n',
    );
    expect(closingLine({ answered: 1, failed: 2, ms: 3 }).toString()).toBe(
      '{"outcome":"complete","asked":3,"answered":1,"failed":2,"ms":3}\n',
    );
  });
});
