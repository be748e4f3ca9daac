import type { SchemaBundle } from '../../message/document.js';
import { Fault } from '../../message/fault.js';
import type { QName } from '../../message/message.js';
import { createMediator } from '../../mediation/mediator.js';
import { PROCESSING, writeProcessingStatus, type ProcessingStatus } from '../../mediation/processing-status.js';
import { XML_LIMITS } from '../../protocol/xml/limits.js';
import { openXmlInThread } from '../../protocol/xml/open.js';
import type { OperationDocument, ServiceDocument } from '../documents/document-types.js';
import type { Problem } from '../documents/environment.js';
import type { WsdlOperation } from '../interface/xml/wsdl-operations.js';
import type { Operation } from '../model.js';

/** ModI NONBLOCK_PULL_SOAP: an operation, and those of the same WSDL that ask for its status and its result. */
interface Polling {
  readonly request: string;
  readonly status: string;
  readonly result: string;
}

/**
 * What the document says. Of an `async-polled` operation `{M}Request` that it says nothing of, `{M}ProcessingStatus` and
 * `{M}Response` are taken where the WSDL has both and the document gives neither a profile.
 */
function pollingsOf(listed: readonly OperationDocument[], inWsdl: readonly WsdlOperation[]): readonly Polling[] {
  const isFree = (wanted: string) =>
    inWsdl.some(({ name }) => name === wanted) &&
    !listed.some(({ name, profile }) => name === wanted && profile !== undefined);
  return listed.flatMap(({ name: request, profile, status, result }) => {
    if (status !== undefined && result !== undefined) return [{ request, status, result }];
    const [, named] = /^(.+)Request$/.exec(request) ?? [];
    const found = { request, status: `${named}ProcessingStatus`, result: `${named}Response` };
    const isFound = profile === 'async-polled' && named !== undefined && isFree(found.status) && isFree(found.result);
    return isFound ? [found] : [];
  });
}

/** Operations that ask for status and result need not be listed: the WSDL says all of them. */
export function unlisted(
  listed: readonly OperationDocument[],
  inWsdl: readonly WsdlOperation[],
): readonly OperationDocument[] {
  const names = new Set(pollingsOf(listed, inWsdl).flatMap(({ status, result }) => [status, result]));
  const isNew = (wanted: string) => !listed.some(({ name }) => name === wanted);
  return inWsdl.flatMap(({ name }) => (names.has(name) && isNew(name) ? [{ name }] : []));
}

interface PollingChecks {
  readonly document: Pick<ServiceDocument, 'operations'>;
  readonly inWsdl: readonly WsdlOperation[];
  /** False where the schemas were compiled before, or cannot be: what they hold is not asked then. */
  readonly isCompiled: boolean;
  readonly problem: Problem;
}

type Member = 'name' | 'status' | 'result';
type Say = (member: Member, message: string, hint: string) => void;

/** The operations, each with its part in a polling; what cannot be polled as it is published is a problem. */
export function withPollings(operations: readonly Operation[], checks: PollingChecks): readonly Operation[] {
  const { inWsdl, isCompiled, problem } = checks;
  const { operations: listed = [] } = checks.document;
  const pollings = pollingsOf(listed, inWsdl);
  const taken = new Set(pollings.map(({ request }) => request));
  const parts = pollings.flatMap((polling) => {
    const index = listed.findIndex(({ name }) => name === polling.request);
    const say: Say = (member, ...said) => problem(['operations', index, member], ...said);
    checkDocument(listed[index], polling, say);
    const members = ['status', 'result'] as const;
    const known = members.filter((member) => checkName(member, polling[member], { ...checks, taken }, say));
    return known.length === members.length ? partsOf(polling, operations, isCompiled, say) : [];
  });
  const partOf = new Map(parts);
  return operations.map((one) => ({ ...one, ...partOf.get(one.name) }));
}

function checkDocument({ profile, answer }: Partial<OperationDocument> = {}, { request }: Polling, say: Say): void {
  if (profile !== 'async-polled')
    say('status', `${request} is not polled`, 'give it profile: async-polled, or leave out status: and result:');
  if (answer?.element) say('result', `${request} has an answer: element and a result:`, 'leave out the element');
}

/** False where the WSDL has no such operation. What the gateway answers is nothing else beside. */
function checkName(
  member: Member,
  name: string,
  { document, inWsdl, taken }: PollingChecks & { readonly taken: Set<string> },
  say: Say,
): boolean {
  if (taken.has(name)) say(member, `${name} has another part already`, 'name an operation of its own for each part');
  if (document.operations?.some((one) => one.name === name && one.profile !== undefined))
    say(member, `${name} is answered by the gateway`, 'leave its profile: out');
  taken.add(name);
  if (inWsdl.some((one) => one.name === name)) return true;
  say(member, `the WSDL has no operation ${name}`, `it has: ${inWsdl.map((one) => one.name).join(', ')}`);
  return false;
}

/** It is asked over SOAP only. */
const FOLLOWER = { profile: 'query', rest: null, eventType: null, jsonSchema: null } as const;

/** What becomes of the three operations. */
function partsOf(
  polling: Polling,
  operations: readonly Operation[],
  isCompiled: boolean,
  say: Say,
): readonly (readonly [name: string, part: Partial<Operation>])[] {
  const [request, status, result] = [polling.request, polling.status, polling.result].map((wanted) =>
    operations.find(({ name }) => name === wanted),
  );
  const acceptedAs = request?.acknowledged ? null : (request?.output ?? null);
  const output = result?.output ?? null;
  if (!output) say('result', `${polling.result} has no output`, 'publish the answer as its output');
  if (isCompiled) checkStatus('status', status, ['processing', 'done'], say);
  if (isCompiled && acceptedAs) checkStatus('name', request, ['accepted'], say);
  return [
    [polling.request, { output, promised: false, acceptedAs }],
    [polling.status, { ...FOLLOWER, follows: { operation: polling.request, asks: 'status' } }],
    [polling.result, { ...FOLLOWER, follows: { operation: polling.request, asks: 'result' } }],
  ];
}

/** Writes the output as the gateway will, and holds it against the schema. */
function checkStatus(
  member: Member,
  operation: Operation | undefined,
  words: readonly ProcessingStatus['status'][],
  say: Say,
): void {
  const { name, xsd = null, output = null } = operation ?? {};
  const reason = xsd && output ? misfitOf(words, { xsd, element: output }) : 'it has no output';
  if (reason === null) return;
  const hint = 'publish as its output an element with status and message, or one that holds just such an element';
  say(member, `the answer of ${name} cannot tell ${words.join(' and ')}: ${reason}`, hint);
}

function misfitOf(
  words: readonly ProcessingStatus['status'][],
  published: { readonly xsd: SchemaBundle; readonly element: QName },
): string | null {
  try {
    const [violation] = words.flatMap((word) => {
      const { bytes } = writeProcessingStatus(PROCESSING[word], published, createMediator());
      const document = openXmlInThread(bytes, null, XML_LIMITS);
      try {
        return document.examine({ schema: published.xsd, extract: {} }).violations;
      } finally {
        document.close();
      }
    });
    return violation?.message ?? null;
  } catch (error) {
    // a schema that does not compile was told already
    return error instanceof Fault ? error.info.detail : null;
  }
}
