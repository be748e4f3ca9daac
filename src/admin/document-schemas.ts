import { checked, compiled } from './checked.js';
import { closed, integer, listOf, orNull, ref, string, time } from './schema-parts.js';

const text = { ...string, description: 'YAML, without hashes; header values and passwords in addresses are `***`' };
const content = { ...orNull(text), description: 'YAML; null: there was none, or it is not in the operator’s scope' };

/** What is answered of a document as a text that can be edited. */
export const DOCUMENT_SCHEMAS = {
  DocumentText: closed({
    key: { ...string, description: 'kind, id and, of a service, its version' },
    revision: { ...integer, description: 'of the registry that wrote it; its ETag' },
    changedAt: time,
    changedBy: string,
    text,
  }),
  DocumentTextBody: {
    type: 'object',
    additionalProperties: false,
    required: ['text'],
    properties: { text: { ...string, description: 'one document in YAML or JSON' } },
  },
  DocumentCheck: closed({
    problems: listOf(
      closed({
        file: { ...string, description: 'the document that it is about: another one may refer to this one' },
        line: { ...orNull(integer), description: 'of the text, from 1; null: it is about another document' },
        message: string,
        hint: string,
      }),
    ),
    document: { ...orNull({ type: 'object' }), description: 'to be PUT as it is; null: it cannot be read' },
    text: { ...orNull(string), description: 'the document as it would be shown; null: it cannot be read' },
  }),
  DocumentChange: closed({
    revision: integer,
    at: time,
    by: string,
    reason: orNull(string),
    action: { type: 'string', enum: ['create', 'update', 'delete'] },
    members: { ...listOf(string), description: 'of an update: what changed' },
    before: content,
    after: content,
  }),
  DocumentHistory: closed({
    items: listOf(ref('DocumentChange')),
    next: { ...orNull(string), description: 'the `before` of the next page; null on the last one' },
  }),
};

const validate = compiled(DOCUMENT_SCHEMAS.DocumentTextBody);

/** Throws parameter-wrong. */
export const textIn = (body: unknown): string => checked<{ text: string }>(validate, body).text;
