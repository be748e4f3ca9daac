import { CONTEXT, decoded, documents, PROTOCOLS, refusal } from './protocol-bench.js';

const { cloudevents, rest } = PROTOCOLS;
afterAll(() => documents.stop());

const REQUIRED = { specversion: '1.0', id: 'e-1', source: '/comuni/sulmona', type: 'it.x' };
const binary = (attributes: Record<string, string>, body = '{}', type = 'application/json') => ({
  headers: {
    'content-type': type,
    ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
  },
  body: Buffer.from(body),
});
const structured = (event: unknown) => ({
  headers: { 'content-type': 'application/cloudevents+json' },
  body: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
});
const event = (more: object) => ({ ...REQUIRED, data: {}, ...more });
const without = (name: string) => Object.fromEntries(Object.entries(REQUIRED).filter(([key]) => key !== name));

describe('CloudEvents', () => {
  it.each(Object.keys(REQUIRED))('4: refuses an event without %s, and says where', async (name) => {
    const missing = await refusal('cloudevents', binary(without(name)));
    expect(missing).toMatchObject({ code: 'event-malformed', info: { place: `ce-${name}` } });
    const absent = await refusal('cloudevents', structured({ ...without(name), data: {} }));
    expect(absent).toMatchObject({ code: 'event-malformed', info: { place: `/${name}` } });
    const number = await refusal('cloudevents', structured(event({ [name]: 7 })));
    expect(number).toMatchObject({ code: 'event-malformed', info: { place: `/${name}` } });
    const { status, headers } = cloudevents.refused(missing, { headers: {} }, CONTEXT);
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
  });

  it.each(['0.3', '1', '2.0'])('4: refuses version %s', async (specversion) => {
    const fault = await refusal('cloudevents', binary({ ...REQUIRED, specversion }));
    expect(fault).toMatchObject({ code: 'event-malformed', info: { place: 'ce-specversion', expected: '1.0' } });
  });

  it('4: undoes quotes and one round of percent-encoding', async () => {
    const quoted = binary({ ...REQUIRED, type: '"it.\\"x\\""' });
    await decoded('cloudevents', quoted, ({ hints }) => expect(hints.eventType).toBe('it."x"'));
    const encoded = binary({ ...REQUIRED, type: 'citt%C3%A0%2520' });
    await decoded('cloudevents', encoded, ({ hints }) => expect(hints.eventType).toBe('città%20'));
    const broken = await refusal('cloudevents', binary({ ...REQUIRED, type: '%FF' }));
    expect(broken).toMatchObject({ code: 'event-malformed', info: { place: 'ce-type' } });
  });

  it('4: reads receivers once each', async () => {
    await decoded('cloudevents', structured(event({ receiver: ' c_g878,r_abruzz, c_g878,' })), ({ claimedReceivers }) =>
      expect(claimedReceivers).toEqual(['c_g878', 'r_abruzz']),
    );
    const many = Array.from({ length: 101 }, (_, at) => `c_${at}`).join(',');
    expect((await refusal('cloudevents', structured(event({ receiver: many })))).code).toBe('event-malformed');
  });

  it.each(['application/cloudevents-batch+json', 'application/cloudevents+xml', 'application/cloudevents+avro'])(
    '4: refuses %s',
    async (type) => {
      const fault = await refusal('cloudevents', { ...structured([event({})]), headers: { 'content-type': type } });
      expect(fault.code).toBe('media-type-unsupported');
      expect(fault.info.expected).toContain('application/cloudevents+json');
    },
  );

  it.each([
    ['no object', '[]', '/'],
    ['no data', REQUIRED, '/data'],
    ['data twice', event({ data_base64: 'e30=' }), '/data'],
    ['base64 that is none', { ...REQUIRED, data_base64: 'e3=0' }, '/data_base64'],
    ['XML that is no text', event({ datacontenttype: 'text/xml' }), '/data'],
    ['a time that is none', event({ time: 'yesterday' }), '/time'],
  ])('4: refuses %s', async (_, request, place) =>
    expect(await refusal('cloudevents', structured(request))).toMatchObject({
      code: 'event-malformed',
      info: { place },
    }),
  );

  it('4: refuses a name that stands twice', async () => {
    const twice = '{"specversion":"1.0","id":"a","id":"b","source":"/s","type":"t","data":{}}';
    expect((await refusal('cloudevents', structured(twice))).code).toBe('not-well-formed');
  });

  it('4: refuses data of a type that no schema describes', async () => {
    const fault = await refusal('cloudevents', structured(event({ datacontenttype: 'image/png', data: 'x' })));
    expect(fault).toMatchObject({ code: 'media-type-unsupported', info: { place: '/datacontenttype' } });
  });

  it('4: reads a text as the characters it holds, whatever its declaration says', async () => {
    const data = '<?xml version="1.0" encoding="ISO-8859-1"?><m>è</m>';
    const fault = await refusal('cloudevents', structured(event({ datacontenttype: 'application/xml', data })));
    expect(fault.code).toBe('encoding-wrong');
  });

  it('takes data out as it was written', async () => {
    const { headers, body } = structured('{"data" : {"importo": 1.10, "a":"\\u00e8"} ,"specversion":"1.0"}');
    expect((await cloudevents.payload(headers, body)).bytes.toString()).toBe('{"importo": 1.10, "a":"\\u00e8"}');
  });
});

describe('what receivers answer over REST', () => {
  const problem = (body: unknown) => Buffer.from(JSON.stringify(body));
  const type = { 'content-type': 'application/problem+json; charset=utf-8' };

  it.each([rest, cloudevents])('8: a problem is a fault, and its status tells whose', async (protocol) => {
    const read = (status: number, body: Buffer) => protocol.readAnswer(status, type, body);
    expect(await read(422, problem({ type: 'urn:occupato', title: 'No', detail: 'cap' }))).toEqual({
      fault: { reason: 'No: cap', blame: 'sender', codes: ['urn:occupato'] },
    });
    expect((await read(500, problem({ title: 'No' }))).fault?.blame).toBe('receiver');
    expect((await read(429, problem({}))).fault).toEqual({
      reason: 'The receiver gave no reason.',
      blame: 'receiver',
      codes: [],
    });
    expect((await read(200, problem({ title: 'No', status: 422 }))).fault).toEqual({
      reason: 'No',
      blame: 'sender',
      codes: [],
    });
    for (const status of [undefined, 'x', 429, 500, 200])
      expect((await read(200, problem({ title: 'No', status }))).fault?.blame).toBe('receiver');
    expect(await read(302, problem({ title: 'No' }))).toEqual({ fault: null });
    expect(await read(500, Buffer.from('<html>'))).toEqual({ fault: null });
    expect(await protocol.readAnswer(500, {}, problem({ title: 'No' }))).toEqual({ fault: null });
  });
});
