import type { Documents, OpenDocument } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import type { Identified } from '../../message/stages.js';
import { createRest } from './rest.js';

/** Nothing is no JSON. */
const documents = {
  openJson: async (bytes) => {
    if (bytes.length === 0) throw new Fault('not-well-formed', { detail: 'x' });
    return { format: 'json', xml: null, json: {} } as unknown as OpenDocument;
  },
} as Documents;

const decode = (method: string, body: string, headers: Record<string, string> = JSON_TYPE) =>
  createRest(documents).decode({ address: { method }, headers } as unknown as Identified, Buffer.from(body));
const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request over REST', () => {
  it.each(['GET', 'HEAD', 'DELETE'])('2: %s that has a type and no content is one without a body', async (method) => {
    expect((await decode(method, '')).contentHeaders).toEqual({});
  });

  it.each(['GET', 'DELETE', 'PUT'])('2: the content of %s is read', async (method) => {
    expect((await decode(method, '{}')).contentHeaders).toEqual(JSON_TYPE);
    await expect(decode(method, '{}', {})).rejects.toMatchObject({ code: 'media-type-unsupported' });
  });

  it.each(['POST', 'PUT', 'PATCH'])('2: %s with a type and no content is not well-formed', async (method) => {
    await expect(decode(method, '')).rejects.toMatchObject({ code: 'not-well-formed' });
    expect((await decode(method, '', {})).contentHeaders).toEqual({});
  });
});
