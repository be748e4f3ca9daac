import { answerAddress, readdressed } from './answer-address.js';

const NEW = 'https://porta.example/messages/1/answer?a=1&b=2';
const envelope = (header: string, body = '<b/>') =>
  `<s:Envelope xmlns:s="x"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
const written = (text: string, encoding: BufferEncoding = 'utf8') =>
  readdressed(Buffer.from(text, encoding), NEW)?.toString(encoding) ?? null;

describe('readdressed', () => {
  it.each([
    ['<X-ReplyTo xmlns="n">http://a/b</X-ReplyTo>', '<X-ReplyTo xmlns="n">NEW</X-ReplyTo>'],
    ['<m:X-ReplyTo xmlns:m="n" >http://a/b?x=1&amp;y=2</m:X-ReplyTo >', '<m:X-ReplyTo xmlns:m="n" >NEW</m:X-ReplyTo >'],
    ['<m:a>è €</m:a><m:X-ReplyTo>\nhttp://a/b\n</m:X-ReplyTo>', '<m:a>è €</m:a><m:X-ReplyTo>NEW</m:X-ReplyTo>'],
  ])('4: puts the address into %s', (header, expected) => {
    expect(written(envelope(header))).toBe(envelope(expected.replace('NEW', NEW.replace('&', '&amp;'))));
  });

  it.each([
    envelope('<m:ReplyTo>http://a/b</m:ReplyTo>'),
    envelope('', '<m:X-ReplyTo>http://a/b</m:X-ReplyTo>'),
    envelope('<m:X-ReplyTo>http://a/b</n:X-ReplyTo>'),
    envelope('<m:X-ReplyTo>http://a/b</m:X-ReplyTo><n:X-ReplyTo>http://a/b</n:X-ReplyTo>'),
    envelope('<!-- <m:X-ReplyTo>http://a/b</m:X-ReplyTo> --><m:x/>'),
    envelope('<!-- <s:Body > --><m:X-ReplyTo>http://a/b</m:X-ReplyTo>'),
    envelope('<m:X-ReplyTo><![CDATA[http://a/b]]></m:X-ReplyTo>'),
    envelope('<è:X-ReplyTo>http://a/b</è:X-ReplyTo>'),
    '<m:X-ReplyTo>http://a/b</m:X-ReplyTo>',
    '',
  ])('4: does not touch %p', (text) => {
    expect(written(text)).toBeNull();
  });

  it('4: does not touch an encoding that ASCII is no part of', () => {
    expect(written(envelope('<m:X-ReplyTo>http://a/b</m:X-ReplyTo>'), 'utf16le')).toBeNull();
  });
});

describe('answerAddress', () => {
  it.each([
    ['async-receipt', 'https://porta.example/messages/1/answer'],
    ['async-polled', 'https://porta.example/messages/1/answer'],
    ['one-way', null],
    ['query', null],
    ['answer', null],
  ] as const)('4: of %s is %p', (profile, address) => {
    expect(answerAddress({ id: '1', profile }, 'https://porta.example')).toBe(address);
  });
});
