import type { Operation, Service } from '../registry/model.js';
import { exampleBody } from './example-body.js';

const operation = (documents: Readonly<Record<string, object>>, entry: string) =>
  ({
    jsonSchema: {
      key: 'k',
      kind: 'json-schema',
      entry,
      documents: Object.fromEntries(Object.entries(documents).map(([name, one]) => [name, JSON.stringify(one)])),
    },
  }) as unknown as Operation;
const service = { senderPath: 'testata/mittente', receiverPath: 'testata/destinatario' } as Service;
const parties = { consumer: 'c_a', provider: 'c_b' };

const COMMON = {
  $id: 'https://schemi.example/comune/comune.json',
  $defs: {
    Testata: {
      type: 'object',
      properties: { mittente: { type: 'string' }, destinatario: { type: 'string' }, data: { $ref: '#/$defs/Data' } },
      required: ['mittente', 'data'],
    },
    Data: { type: 'string', format: 'date' },
  },
};
const NOTICE = {
  $id: 'https://schemi.example/nota/nota.json',
  type: 'object',
  properties: {
    testata: { $ref: '../comune/comune.json#/$defs/Testata' },
    codice: { type: 'string', pattern: '^[A-Z]{6}[0-9]{2}$' },
    tipo: { enum: ['A', 'B'] },
    nota: { type: 'string' },
  },
  required: ['testata', 'codice', 'tipo'],
};

describe('example bodies', () => {
  it('9. have what is required, by pattern and list, over $ref by $id and by name; sender and receiver are named', () => {
    const made = exampleBody(operation({ 'nota.json': NOTICE, 'c.json': COMMON }, 'nota.json'), service, parties);
    expect(JSON.parse(made!)).toEqual({
      testata: { mittente: 'c_a', destinatario: 'c_b', data: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
      codice: expect.stringMatching(/^[A-Z]{6}\d{2}$/),
      tipo: 'A',
    });
  });

  it('9. take what the schema itself gives as an example, and name nobody where the payload has no place for it', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', examples: [7] } }, required: ['n'] };
    expect(JSON.parse(exampleBody(operation({ s: schema }, 's'), service, parties)!)).toEqual({ n: 7 });
    const plain = { ...service, senderPath: null, receiverPath: null };
    expect(JSON.parse(exampleBody(operation({ s: schema }, 's'), plain, parties)!)).toEqual({ n: 7 });
  });

  it('9. are none where no JSON Schema is published', () => {
    expect(exampleBody({ jsonSchema: null } as Operation, service, parties)).toBeNull();
  });
});
