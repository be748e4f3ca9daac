import { answerAddress, readdressed } from './answer-address.js';

const NEW = 'https://porta.example/messages/1/answer?a=1&b=2';
const envelope = (header: string, body = '<b/>') =>
  `<s:Envelope xmlns:s="x"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
const written = (text: string, encoding: BufferEncoding = 'utf8') =>
  readdressed(Buffer.from(text, encoding), NEW).toString(encoding);

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
    '<m:X-ReplyTo>http://a/b</m:X-ReplyTo>',
    '',
  ])('4: leaves %p as it is', (text) => {
    expect(written(text)).toBe(text);
  });

  it('4: leaves an encoding alone that ASCII is no part of', () => {
    const text = envelope('<m:X-ReplyTo>http://a/b</m:X-ReplyTo>');
    expect(written(text, 'utf16le')).toBe(text);
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
