import CachePolicy from 'http-cache-semantics';
import type { Reply } from '../message/stages.js';
import type { AnswerCache, CachedAnswer } from './answer-cache.js';
import type { AnswerTo } from './ask.js';
import type { Question } from './asked.js';
import { conditionOf, isUnmodified, notModified, withoutConditions } from './conditions.js';

interface CachedParts {
  readonly cache: AnswerCache;
  /** Told of an answer that needed no provider, and of one that did. */
  readonly hit: () => void;
  readonly miss: () => void;
}

/** An answer is as fresh as the provider says and no fresher; it is kept for one consumer. */
const POLICY = { shared: false, cacheHeuristic: 0, immutableMinTimeToLive: 0 };
/** Questions with these are the provider's. */
const BYPASS = ['range', 'if-range', 'if-match', 'if-unmodified-since'];

/**
 * Answers again what the provider has answered and allows to be kept (RFC 9111), where its endpoint says so: REST asked
 * as REST, GET and HEAD. An answer is kept for the system that asked and given to no other, and once it is stale only
 * with the provider's word. Whatever is not safe drops the answers of its path. `Cache-Status` (RFC 9211) tells what was
 * done. Throws what `answerTo` throws.
 */
export function cached(answerTo: AnswerTo, parts: CachedParts): AnswerTo {
  return (question, signal) => {
    if (!question.endpoint.cache) return answerTo(question, signal);
    if (isKept(question)) return keptAnswer(question, (asked) => answerTo(asked, signal), parts);
    const drop = () => isSafe(question) || parts.cache.change(resourceOf(question));
    return answerTo(question, signal).finally(drop);
  };
}

const isKept = ({ asked, item, endpoint }: Question): boolean =>
  asked.protocol === 'rest' &&
  endpoint.protocol === 'rest' &&
  isRead(item.target) &&
  item.content.length === 0 &&
  !BYPASS.some((name) => name in item.target.headers);

const isRead = ({ method }: { readonly method: string }) => method === 'GET' || method === 'HEAD';

const isSafe = ({ asked, item }: Question) => isRead(item.target) || asked.operation.safe;

/** A question over SOAP has no path of its own. */
const resourceOf = ({ asked, item: { message, receiver, target } }: Question): string =>
  JSON.stringify([receiver.system, message.service, message.version, target.path || asked.operation.rest?.path]);

/** All that the answer may depend on: who asks, and every header that the provider sees, named in Vary or not. */
function keyOf(question: Question): string {
  const { message, agreement, target } = question.item;
  const { participant, system } = message.sender;
  const seen = Object.entries(withoutConditions(target.headers)).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([participant, system, agreement, resourceOf(question), target.method, target.query, seen]);
}

async function keptAnswer(question: Question, ask: (question: Question) => Promise<Reply>, parts: CachedParts) {
  const { cache, hit, miss } = parts;
  const known = cache.get(keyOf(question));
  if (known && !known.policy.evaluateRequest(requestOf(question)).revalidation) {
    hit();
    question.asked.clock.mark('cache');
    return given(known, question, `hit; ttl=${Math.round(known.policy.timeToLive() / 1000)}`);
  }
  miss();
  const askedAt = cache.now();
  const reason = reasonOf(known);
  const reply = await ask(known ? validating(question, known) : question);
  const answer = known && reply.status === 304 ? refreshed(known, reply, question) : answerOf(reply, question);
  const stored = keep(answer, question, cache, askedAt) ? '; stored' : '';
  const told = `${reason}; fwd-status=${reply.status}${stored}`;
  return known ? given(answer, question, told) : withStatus(reply, told);
}

/** RFC 9211 §2.2. */
function reasonOf(known: CachedAnswer | undefined): string {
  if (!known) return 'fwd=uri-miss';
  return known.policy.stale() ? 'fwd=stale' : 'fwd=request';
}

/** A failure of the provider takes nothing away. */
function keep(answer: CachedAnswer, question: Question, cache: AnswerCache, askedAt: number): boolean {
  const { policy, headers, status } = answer;
  const isOfUse = policy.storable() && (policy.timeToLive() > 0 || conditionOf(headers) !== null);
  const isKept = isOfUse && cache.set(keyOf(question), resourceOf(question), answer, askedAt);
  if (!isKept && status < 500) cache.delete(keyOf(question));
  return isKept;
}

const requestOf = ({ asked: { headers }, item: { target } }: Question) => ({
  method: target.method,
  headers: { ...target.headers, ...directives(headers) },
});

/**
 * The library reads directives in lower case only. Those about stale answers are left out, as none is given here; with
 * must-revalidate it would take a fresh one for stale.
 */
function directives({ 'cache-control': text }: Readonly<Record<string, string>>) {
  const read = text?.toLowerCase().replace(/\b(must-revalidate|max-stale|stale-[a-z-]+)\b(\s*=[^,]*)?/g, '');
  return read === undefined ? {} : { 'cache-control': read };
}

function answerOf({ status, headers, body }: Reply, question: Question): CachedAnswer {
  const dated = { date: new Date().toUTCString(), ...headers };
  const response = { status, headers: { ...dated, ...directives(dated) } };
  return { policy: new CachePolicy(requestOf(question), response, POLICY), status, headers: dated, body };
}

/** The provider has confirmed it: its headers are the newer ones, the content is the old one (RFC 9111 §4.3.4). */
function refreshed({ status, headers, body }: CachedAnswer, confirmed: Reply, question: Question): CachedAnswer {
  const newer = Object.entries(confirmed.headers).filter(([name]) => !/^content-(type|range)$/.test(name));
  const { age: _age, date: _date, ...older } = headers;
  return answerOf({ status, headers: { ...older, ...Object.fromEntries(newer) }, body }, question);
}

/** With the condition of the kept answer in place of the consumer's, which is looked at when the answer is given. */
function validating(question: Question, { headers }: CachedAnswer): Question {
  const { item } = question;
  const wanted = { ...withoutConditions(item.target.headers), ...conditionOf(headers) };
  return { ...question, item: { ...item, target: { ...item.target, headers: wanted } } };
}

function given({ status, headers, body, policy }: CachedAnswer, { item }: Question, told: string): Reply {
  const aged = { ...headers, age: String(Math.round(policy.age())) };
  const isKnown = status === 200 && isUnmodified(item.target.headers, headers);
  return withStatus(isKnown ? notModified(aged) : { status, headers: aged, body }, told);
}

const withStatus = (reply: Reply, told: string): Reply => ({
  ...reply,
  headers: { ...reply.headers, 'cache-status': `crocevia; ${told}` },
});
