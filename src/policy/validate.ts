import { createHash, hash } from 'node:crypto';
import { Fault, type Violation } from '../message/fault.js';
import type { Examination, ExaminationOrder, SchemaBundle } from '../message/document.js';
import type { Caller, Decoded } from '../message/stages.js';
import { requireCarried } from './carried.js';
import { senderMismatch } from './authorise.js';
import { parameterViolations } from './parameters.js';
import { prefersLater } from './prefer.js';
import type { Authorised, Validated } from './stages.js';

/**
 * Holds the payload against the published schema and the names in it against the caller and the receivers. Throws
 * schema-violation, schema-missing, media-type-unsupported, sender-mismatch, receiver-mismatch, validation-timeout.
 * `named`: IPA codes that the payload may name as its receiver, each of them.
 */
export async function validate(
  authorised: Authorised,
  named: readonly string[] = authorised.routes.map(({ receiver }) => receiver.participant),
): Promise<Validated> {
  const { senderPath, receiverPath } = authorised.service;
  const extract = { ...(senderPath && { sender: senderPath }), ...(receiverPath && { receiver: receiverPath }) };
  requireCarried(authorised);
  requireValid({ violations: requestViolations(authorised), truncated: false });
  const schema = isEmpty(authorised) || authorised.opaque !== undefined ? null : schemaFor(authorised);
  const examined = await examine(authorised, { schema, extract, keys: authorised.service.businessKeys ?? [] });
  requireValid(examined);
  requireNames(authorised, examined, named);
  const examination = { ...examined, digest: withAttachments(examined.digest, authorised.attachments) };
  authorised.clock.mark('validate');
  return { ...authorised, examination };
}

/** Of a question of which nothing is kept unless it fails, the bytes are digested: that costs a tenth of its canonical form. */
async function examine(authorised: Authorised, order: ExaminationOrder): Promise<Examination> {
  const { document, content } = authorised;
  if (!isUnkept(authorised)) return document.examine(order);
  return { ...(await document.examine({ ...order, undigested: true })), digest: hash('sha256', content, 'hex') };
}

const isUnkept = ({ operation, headers, service, routes }: Authorised) =>
  operation.profile === 'query' &&
  !prefersLater(headers) &&
  (service.businessKeys ?? []).length === 0 &&
  routes.every(({ agreement }) => agreement.evidence === 'none');

/** A request without a body, which no media type can describe. */
const isEmpty = ({ content, contentHeaders }: Authorised) =>
  content.length === 0 && contentHeaders['content-type'] === undefined;

/** What is wrong beside the body: parameters, and a body that is missing. */
function requestViolations(authorised: Authorised): readonly Violation[] {
  const { rest, jsonSchema, xsd } = authorised.operation;
  if (authorised.binding !== 'rest' || !rest) return [];
  const found = parameterViolations(rest, authorised);
  const needsBody = rest.bodyRequired ?? (jsonSchema !== null || xsd !== null);
  if (!needsBody || !isEmpty(authorised)) return found;
  return [...found, BODY_MISSING];
}

const BODY_MISSING: Violation = {
  path: 'body',
  line: null,
  column: null,
  rule: 'required',
  expected: 'a body',
  found: null,
  message: 'A body is required but missing.',
};

function schemaFor({ format, operation }: Authorised): SchemaBundle {
  const schema = format === 'xml' ? operation.xsd : operation.jsonSchema;
  if (schema) return schema;
  const other = format === 'xml' ? operation.jsonSchema : operation.xsd;
  if (!other && operation.rest?.responses) throw bodyUnexpected(operation.name);
  if (!other) throw new Fault('schema-missing', { detail: `${operation.name} has no published schema.` });
  const expected = format === 'xml' ? 'application/json' : 'application/xml';
  throw new Fault('media-type-unsupported', {
    detail: `${operation.name} is not published for ${format}.`,
    place: 'Content-Type',
    expected,
  });
}

const bodyUnexpected = (operation: string) =>
  new Fault('media-type-unsupported', {
    detail: `${operation} takes no body that a schema describes.`,
    place: 'body',
    expected: 'no body',
  });

export function requireValid({ violations, truncated }: Pick<Examination, 'violations' | 'truncated'>): void {
  const [first] = violations;
  if (!first) return;
  const count = truncated ? `more than ${violations.length}` : `${violations.length}`;
  throw new Fault('schema-violation', {
    detail: `${count} ${violations.length === 1 && !truncated ? 'error' : 'errors'}; the first: ${first.message}`,
    place: first.line === null ? first.path : `${first.path}, line ${first.line}`,
    expected: first.expected,
    violations,
    truncated,
  });
}

/** Who may speak for the body has to say so where it is read before the content. */
const expectedOf = ({ participant, actsFor = [] }: Caller, sender: string) =>
  actsFor.includes(sender) ? [participant, `or ${sender} in X-Sender, wsa:From or sender too`] : [participant];

function requireNames({ caller, service }: Authorised, { extracted }: Examination, named: readonly string[]): void {
  const { sender, receiver } = extracted;
  if (sender !== undefined && sender !== caller.participant)
    throw senderMismatch(sender, expectedOf(caller, sender), service.senderPath ?? '');
  if (receiver === undefined) return;
  if (named.every((participant) => participant === receiver)) return;
  throw new Fault('receiver-mismatch', {
    detail: `The message names "${receiver}" as its receiver.`,
    place: service.receiverPath ?? '',
    expected: named.join(', '),
  });
}

function withAttachments(document: string, attachments: Decoded['attachments']): string {
  if (attachments.length === 0) return document;
  const whole = createHash('sha256').update(document);
  for (const one of attachments) {
    const digest = 'sha256' in one ? Buffer.from(one.sha256, 'hex') : createHash('sha256').update(one.bytes).digest();
    whole.update(`\n${one.contentId ?? ''} `).update(digest);
  }
  return whole.digest('hex');
}
