import { Fault } from '../message/fault.js';
import { eventFacts } from './cloudevents/attributes.js';
import { agreedSequence, headerConversation } from './ids.js';
import { addressingFacts } from './soap/headers.js';

const block = (name: string, text: string) =>
  ({ namespace: 'urn:x', name, text, address: null, mustUnderstand: false, role: null }) as Parameters<
    typeof addressingFacts
  >[0][number];

const event = (attributes: Record<string, string>) => {
  const all: Record<string, string> = { specversion: '1.0', id: 'i', source: 's', type: 't', ...attributes };
  return eventFacts({ get: (name) => all[name] ?? null, placeOf: (name) => `ce-${name}` }, {});
};

describe('what the sender says of the order', () => {
  it.each(['0', '-1', '1.5', '01', 'x', '2147483648', '99999999999'])('2: %s is no number', (value) => {
    expect(() => agreedSequence([{ value, place: 'X-Sequence-Number' }])).toThrow(Fault);
  });

  it('2: reads conversation and number from HTTP headers, SOAP blocks and events', () => {
    const said = { conversation: 'pratica-7', sequence: 3 };
    const headers = { 'x-conversation-id': 'pratica-7', 'x-sequence-number': '3' };
    expect(headerConversation(headers)).toEqual(said);
    const blocks = [block('X-Conversation-ID', 'pratica-7'), block('X-Sequence-Number', '3')];
    expect(addressingFacts(blocks, {})).toMatchObject(said);
    expect(addressingFacts(blocks, headers)).toMatchObject(said);
    expect(() => addressingFacts(blocks, { 'x-conversation-id': 'another' })).toThrow(Fault);
    const counted = { partitionkey: 'pratica-7', sequence: '3', sequencetype: 'Integer' };
    expect(event({ ...counted, receiver: 'c_i804' })).toMatchObject(said);
    expect(headerConversation({})).toEqual({ conversation: null, sequence: null });
  });

  it('2: takes no number of an event that goes to several receivers or is not counted by whole numbers', () => {
    const counted = { partitionkey: 'p', sequence: '3', sequencetype: 'Integer' };
    for (const attributes of [counted, { ...counted, receiver: 'a1,b2' }, { sequence: 'abc', receiver: 'a1' }])
      expect(event(attributes).sequence).toBeNull();
  });
});
