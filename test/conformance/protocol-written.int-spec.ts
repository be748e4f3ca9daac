import { composeCloudEvent } from '../../src/protocol/cloudevents/compose.js';
import type { Message } from '../../src/message/message.js';
import { answeredInRest } from '../../src/protocol/rest/query-answer.js';
import { composeRest } from '../../src/protocol/rest/compose.js';
import { composeSoap11, composeSoap12 } from '../../src/protocol/soap/compose.js';
import { answeredInSoap } from '../../src/protocol/soap/query-answer.js';
import { ACCEPTANCE, decoded, digestOf, documents, examined, PROTOCOLS, SCHEMAS } from './protocol-bench.js';
import { PAYLOADS, PICTURE } from './protocol-forms.js';

afterAll(() => documents.stop());

describe('what is written for receivers', () => {
  const message: Message = {
    ...ACCEPTANCE.message,
    relatesTo: 'urn:uuid:0a1b-9',
    sender: { participant: 'c_i804', system: 'sulmona' },
    replyTo: null,
    service: 'VariazioneAnagrafica',
    version: 1,
    operation: 'notificaVariazione',
    profile: 'one-way',
    protocol: 'rest',
    format: 'xml',
    headers: {},
    digest: '',
    size: 1,
  };
  const operation = {
    soapAction: 'urn:notifica',
    eventType: 'it.variazione',
    receiver: 'c_g878',
    publicUrl: 'https://gateway.example',
    correlationNamespace: null,
  };
  const attachment = { contentId: 'a@x', contentType: 'image/png', bytes: PICTURE };
  const ways = [
    ['SOAP 1.1', 'soap', composeSoap11, 'xml'],
    ['SOAP 1.2', 'soap', composeSoap12, 'xml'],
    ['REST XML', 'rest', composeRest, 'xml'],
    ['REST JSON', 'rest', composeRest, 'json'],
    ['CloudEvents XML', 'cloudevents', composeCloudEvent, 'xml'],
    ['CloudEvents JSON', 'cloudevents', composeCloudEvent, 'json'],
  ] as const;

  it.each(ways)('8: %s is read back with the same payload and ids', async (_, binding, compose, format) => {
    const payload = { format, bytes: Buffer.from(PAYLOADS[format].valid), attachments: [] };
    const written = compose(message, payload, operation);
    expect(compose(message, payload, operation)).toEqual(written);
    expect((await examined(binding, written, SCHEMAS[format])).violations).toEqual([]);
    expect((await examined(binding, written, null)).digest).toBe(await digestOf(format));
    await decoded(binding, written, (read) => {
      if (binding === 'soap')
        expect(read).toMatchObject({ messageId: `urn:uuid:${message.id}`, claimedSender: 'c_i804' });
      if (binding === 'cloudevents') expect(read).toMatchObject({ messageId: message.id, claimedSender: 'c_i804' });
      if (binding === 'rest') return;
      expect(read).toMatchObject({
        correlationId: 'pratica-7',
        relatesTo: 'urn:uuid:0a1b-9',
        claimedReceivers: ['c_g878'],
      });
      const { soapAction, actionParameter, eventType } = read.hints;
      expect([soapAction, actionParameter, eventType]).toContain(binding === 'soap' ? 'urn:notifica' : 'it.variazione');
    });
  });

  it.each([composeSoap11, composeSoap12])('8: attachments travel with SOAP', async (compose) => {
    const payload = { format: 'xml', bytes: Buffer.from(PAYLOADS.xml.valid), attachments: [attachment] } as const;
    const written = compose(message, payload, operation);
    await decoded('soap', written, (read) => expect(read.attachments).toEqual([attachment]));
    expect((await PROTOCOLS.soap.payload(written.headers, written.body)).attachments).toEqual([attachment]);
  });

  it.each([composeRest, composeCloudEvent])('8: attachments that cannot travel are not dropped', (compose) => {
    const payload = { format: 'xml', bytes: Buffer.from('<a/>'), attachments: [attachment] } as const;
    expect(() => compose(message, payload, operation)).toThrow(/mediation-failed/);
  });

  it.each([answeredInRest, answeredInSoap])(
    '3: attachments of an answer that is written anew are not dropped',
    (answered) => {
      const payload = { format: 'xml', bytes: Buffer.from('<a/>'), attachments: [attachment] } as const;
      return decoded('soap', composeSoap11(message, { ...payload, attachments: [] }, operation), (asked) => {
        expect(() => answered(asked, payload, message)).toThrow(/mediation-failed/);
        expect(() => answered(asked, { ...payload, attachments: [] }, message)).not.toThrow();
      });
    },
  );
});
