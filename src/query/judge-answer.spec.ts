import type { Examination } from '../message/document.js';
import type { Fault, Violation } from '../message/fault.js';
import type { QName } from '../message/message.js';
import type { OpenAnswer, Protocol } from '../protocol/protocol.js';
import type { Operation } from '../registry/model.js';
import { requireValidAnswer } from './judge-answer.js';
import type { Answered } from './ports.js';

const OUTPUT: QName = { namespace: 'urn:residenti', name: 'risposta' };
const PUBLISHED = { output: OUTPUT, xsd: {}, rest: { method: 'GET', path: '/r' } } as unknown as Operation;
const WRONG = { path: '/risposta/nome', message: 'nome is missing.', expected: 'nome' } as Violation;

interface Given {
  readonly status?: number;
  readonly element?: QName;
  readonly operation?: Partial<Operation>;
  readonly violations?: readonly Violation[];
}

/** What an answer in XML of a REST provider is refused for. */
async function refusal({ status = 200, element = OUTPUT, operation, violations = [] }: Given): Promise<unknown> {
  const examine = () => Promise.resolve({ violations, truncated: false } as unknown as Examination);
  const open = { document: { format: 'xml', examine }, element, isFault: false } as unknown as OpenAnswer;
  const answer = {
    status,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from('<x/>'),
  } as unknown as Answered;
  const asked = { operation: { ...PUBLISHED, ...operation }, binding: 'rest' as const };
  const item = { receiver: { participant: 'c_h007', system: 'pratola' } };
  const judged = requireValidAnswer({ binding: 'rest' } as Protocol, open, answer, { asked, item });
  return judged.then(
    () => null,
    (error: Fault) => [error.code, error.info.place, error.info.expected],
  );
}

const OTHER = { namespace: 'urn:residenti', name: 'altro' };
const ELSEWHERE = { namespace: 'urn:altrove', name: 'risposta' };

describe('an answer in XML of a REST provider', () => {
  it.each([
    ['the published element', {}],
    ['another element where none is published', { element: OTHER, operation: { output: null } }],
    ['another element where no schema is published', { element: OTHER, operation: { xsd: null } }],
    ['another element that tells of a failure', { element: OTHER, status: 404 }],
    ['another element with a redirect', { element: OTHER, status: 303 }],
  ])('2: %s is passed on', async (_name, given) => expect(await refusal(given)).toBeNull());

  it.each([
    ['another element', { element: OTHER }, '/', 'risposta'],
    ['an element of another namespace', { element: ELSEWHERE }, '/', 'risposta'],
    ['another element of another success', { element: OTHER, status: 201 }, '/', 'risposta'],
    ['an element that is not as published', { violations: [WRONG] }, '/risposta/nome', 'nome'],
    ['such an element of a failure', { violations: [WRONG], status: 404 }, '/risposta/nome', 'nome'],
  ])('2: %s is refused', async (_name, given, place, expected) =>
    expect(await refusal(given)).toEqual(['answer-invalid', place, expected]),
  );
});
