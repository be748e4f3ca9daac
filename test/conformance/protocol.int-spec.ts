import fc from 'fast-check';
import { Fault } from '../../src/message/fault.js';
import { FAULTS, type FaultCode } from '../../src/message/fault-catalogue.js';
import {
  ACCEPTANCE,
  CONTEXT,
  decoded,
  digestOf,
  documents,
  examined,
  PROTOCOLS,
  refusal,
  SCHEMAS,
} from './protocol-bench.js';
import { FORMS, PAYLOADS, PICTURE, type Form, type Sent } from './protocol-forms.js';

const IDS = { messageId: 'urn:uuid:5f0c-1', correlationId: 'pratica-7', relatesTo: 'urn:uuid:0a1b-9' };
const CODES = Object.keys(FAULTS) as FaultCode[];
const HOSTILE = '</g:errore>]]>&amp; "\u0000\u001b\ud800 \u202e<!DOCTYPE';

afterAll(() => documents.stop());

const write = ({ write: writeForm, format }: Form, ids: Partial<typeof IDS> = IDS) =>
  writeForm(PAYLOADS[format].valid, ids);
const edited = ({ headers, body }: Sent, edit: (text: string) => string): Sent => ({
  headers,
  body: Buffer.from(edit(body.toString('latin1')), 'latin1'),
});
const withHeader = ({ headers, body }: Sent, more: Record<string, string>): Sent => ({
  headers: { ...headers, ...more },
  body,
});

describe.each(FORMS.map((form) => [form.name, form] as const))('%s', (_, form) => {
  const { binding, format, protocol, wrapped } = form;

  it('4: reads ids, hints and bytes', () =>
    decoded(binding, write(form), (message) => {
      expect(message).toMatchObject({ protocol, format, ...IDS });
      expect(message.content).toEqual(write(form).body);
      expect(message.contentHeaders['content-type']).toBe(write(form).headers['content-type']);
      expect(message.attachments.map(({ bytes }) => bytes)).toEqual(form.name.match(/attach|MTOM/) ? [PICTURE] : []);
      expect(message.hints.element?.name ?? null).toBe(format === 'xml' ? 'notificaVariazioneAnagrafica' : null);
      expect(message.claimedReceivers).toEqual(binding === 'cloudevents' ? ['c_g878', 'r_abruzz'] : []);
    }));

  it('4: leaves the message id to the gateway where there is none', () =>
    decoded(binding, write(form, {}), ({ messageId, correlationId, relatesTo }) =>
      expect([messageId, correlationId, relatesTo]).toEqual([
        binding === 'cloudevents' ? 'evento-1' : null,
        null,
        null,
      ]),
    ));

  it('5: lets the published schema judge the payload', async () => {
    const schema = SCHEMAS[format];
    const valid = await examined(binding, write(form), schema);
    expect(valid).toMatchObject({ violations: [], extracted: { sender: 'c_i804' } });
    const { violations } = await examined(binding, form.write(PAYLOADS[format].invalid, IDS), schema);
    expect(violations.map(({ path }) => path)).toEqual([expect.stringMatching(/\/residenzaNuova\/cap$/)]);
  });

  it('6: gives the same payload the same digest, however it is carried', async () => {
    const { digest } = await examined(binding, write(form), null);
    if (form.name === 'CloudEvents structured JSON') {
      const spaced = form.write(JSON.stringify(JSON.parse(PAYLOADS.json.valid)), IDS);
      expect((await examined(binding, spaced, null)).digest).toBe(digest);
    } else expect(digest).toBe(await digestOf(format));
  });

  it('takes the payload out of the stored bytes', async () => {
    const { headers, body } = write(form);
    const payload = await PROTOCOLS[binding].payload(headers, body);
    expect(payload.format).toBe(format);
    if (format === 'json')
      expect(payload.bytes.toString()).toBe(
        PAYLOADS.json.valid.trim() + (binding === 'rest' || /binary/.test(form.name) ? '\n' : ''),
      );
    else {
      const document = await documents.openXml(payload.bytes, null);
      expect((await document.examine({ schema: SCHEMAS.xml, extract: {} })).digest).toBe(await digestOf('xml'));
      document.close();
    }
  });

  it('refuses what is not well-formed', async () => {
    const broken = write(form);
    const fault = await refusal(binding, { ...broken, body: cutPayload(broken.body, form) });
    expect(fault.code).toBe('not-well-formed');
    expect(fault.info.place).toMatch(/line \d+/);
  });

  it('refuses bytes that are not in the encoding', async () => {
    const sent = wrapped
      ? edited(write(form), (text) => text.replace('sulmona', 'sulm\xf2na'))
      : edited(write(form), (text) => text.replace('Rossi', 'Ross\xec'));
    expect((await refusal(binding, sent)).code).toBe('encoding-wrong');
  });

  it('refuses a document nested too deeply', async () => {
    const deep = format === 'xml' ? '<a>'.repeat(200) + '</a>'.repeat(200) : '['.repeat(200) + ']'.repeat(200);
    expect((await refusal(binding, form.write(deep, IDS))).code).toBe('too-deep');
  });

  if (format === 'xml')
    it('refuses a DTD', async () => {
      const dtd = '<!DOCTYPE notificaVariazioneAnagrafica [<!ENTITY a SYSTEM "file:///etc/passwd">]>';
      const sent = form.write(dtd + PAYLOADS.xml.valid.replace(/^<\?xml.*\?>/, ''), IDS);
      expect((await refusal(binding, sent)).code).toBe('dtd-forbidden');
    });

  it('refuses other media types and says which it takes', async () => {
    for (const type of ['text/plain', 'application/pdf', 'application/x-www-form-urlencoded', 'nonsense', undefined]) {
      const { 'content-type': _type, ...rest } = write(form).headers;
      const sent = { body: write(form).body, headers: type === undefined ? rest : { ...rest, 'content-type': type } };
      if (binding === 'rest' && type?.includes('/')) {
        // What the operation publishes is known once it is resolved: policy/carried refuses the rest.
        expect(await decoded(binding, sent, ({ opaque }) => opaque)).toBe(type);
        continue;
      }
      const fault = await refusal(binding, binding === 'cloudevents' ? withHeader(sent, EVENT) : sent);
      expect(fault.code).toBe('media-type-unsupported');
      const { status, headers } = PROTOCOLS[binding].refused(fault, sent, CONTEXT);
      expect([status, headers['accept-post']]).toEqual([415, fault.info.expected]);
    }
  });

  it('6: refuses an id that is not valid, or another one in Idempotency-Key', async () => {
    for (const messageId of ['', 'a b', 'è', 'x'.repeat(256)]) {
      if (messageId === '' && binding === 'cloudevents') continue;
      const fault = await refusal(
        binding,
        form.write(PAYLOADS[format].valid, { messageId: encodeURIfEvent(messageId, form) }),
      );
      expect(fault.code).toBe('message-id-malformed');
    }
    if (binding === 'rest') return;
    expect((await refusal(binding, withHeader(write(form), { 'idempotency-key': 'other' }))).code).toBe(
      'message-id-malformed',
    );
    await decoded(binding, withHeader(write(form), { 'idempotency-key': IDS.messageId }), ({ messageId }) =>
      expect(messageId).toBe(IDS.messageId),
    );
  });

  it('refuses a correlation id that no header could carry', async () => {
    const fault = await refusal(
      binding,
      form.write(PAYLOADS[format].valid, { ...IDS, correlationId: encodeURIfEvent('a b', form) }),
    );
    expect(fault.code).toBe('parameter-wrong');
  });

  it('answers any damaged bytes with a fault', async () => {
    const { headers, body } = write(form);
    const damage = fc.record({ at: fc.nat(body.length - 1), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 6 }) });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, cut, put }) => {
        const damaged = Buffer.concat([body.subarray(0, at), put, body.subarray(at + cut)]);
        try {
          await decoded(binding, { headers, body: damaged }, () => undefined);
        } catch (error) {
          if (!(error instanceof Fault) || error.code === 'internal') throw error;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('4: names the status resource in the answer', () =>
    decoded(binding, write(form), (message) => {
      const { status, headers, body } = PROTOCOLS[binding].accepted(message, ACCEPTANCE, CONTEXT);
      expect(status).toBe(binding === 'soap' ? 200 : 202);
      expect(headers).toMatchObject({
        location: CONTEXT.statusUrl,
        'x-gateway-id': ACCEPTANCE.message.id,
        'x-message-id': ACCEPTANCE.message.messageId,
        'x-correlation-id': 'pratica-7',
      });
      expect(body.toString()).toContain(ACCEPTANCE.message.messageId);
    }));

  it('5: writes every fault of the catalogue, whatever it says', async () => {
    for (const code of CODES) {
      const violation = {
        path: HOSTILE,
        line: 3,
        column: 9,
        rule: 'pattern',
        expected: HOSTILE,
        found: HOSTILE,
        message: HOSTILE,
      };
      const told = { place: HOSTILE, expected: HOSTILE, provider: { title: HOSTILE, [HOSTILE]: [HOSTILE] } };
      const fault = new Fault(code, { detail: HOSTILE, ...told, violations: [violation] });
      const { status, headers, body } = PROTOCOLS[binding].refused(fault, write(form), CONTEXT);
      expect(status).toBe(expectedStatus(code, form));
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]+$/);
      await (binding === 'soap' ? requireErrore(body.toString()) : requireProblem(body.toString(), code, status));
    }
  });
});

const EVENT = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/a', 'ce-type': 't' };

/** A header carries blanks and letters outside ASCII percent-encoded; other places take them as they are. */
const encodeURIfEvent = (text: string, { name }: Form) => (name.includes('binary') ? encodeURIComponent(text) : text);

function cutPayload(body: Buffer, { format, name }: Form): Buffer {
  const text = body.toString('latin1');
  if (name.endsWith('base64')) {
    const broken = Buffer.from(PAYLOADS.xml.valid.replace('</testata>', '')).toString('base64');
    return Buffer.from(text.replace(/"data_base64":"[^"]*"/, `"data_base64":"${broken}"`), 'latin1');
  }
  return Buffer.from(text.replace(format === 'xml' ? '</testata>' : '"testata":', ''), 'latin1');
}

/** SOAP 1.1 §6.2; SOAP 1.2 Part 2 table 20; RFC 9110 for the statuses that are kept and for REST. */
function expectedStatus(code: FaultCode, { protocol }: Form): number {
  const { http, blame } = FAULTS[code];
  if (protocol === 'rest' || protocol === 'cloudevents') return http ?? 500;
  if (http !== null && [401, 405, 408, 413, 415, 503].includes(http)) return http;
  const special = ['soap-version-mismatch', 'header-not-understood'].includes(code);
  const isOfSender = blame === 'sender' || code === 'receiver-refused';
  return protocol === 'soap12' && isOfSender && !special ? 400 : 500;
}

async function requireErrore(body: string): Promise<void> {
  const whole = await documents.openXml(Buffer.from(body), null);
  expect(whole.xml?.envelope?.body.map(({ name }) => name)).toEqual(['Fault']);
  whole.close();
  const errore = await documents.openXml(Buffer.from(/<g:errore [^]*<\/g:errore>/.exec(body)?.[0] ?? ''), null);
  expect((await errore.examine({ schema: SCHEMAS.gateway, extract: {} })).violations).toEqual([]);
  errore.close();
}

function requireProblem(body: string, code: FaultCode, status: number): void {
  const { blame, retryable } = FAULTS[code];
  expect(JSON.parse(body)).toMatchObject({
    type: `/problems/${code}`,
    title: FAULTS[code].it,
    status,
    code,
    blame,
    retryable,
  });
  expect(JSON.parse(body).errors).toHaveLength(1);
}
