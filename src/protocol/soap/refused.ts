import { FAULTS } from '../../message/fault-catalogue.js';
import type { Fault, Violation } from '../../message/fault.js';
import type { Reply } from '../../message/stages.js';
import { GATEWAY_NAMESPACE, refusalHeaders } from '../answer.js';
import type { AnswerContext } from '../protocol.js';
import { escapeXml } from '../xml/escape.js';
import { contentTypeOf, element, optional, writeEnvelope } from './envelope.js';
import { problemInXml } from './problem.js';
import { SOAP, type SoapVersion } from './versions.js';

/** Statuses that mean something to HTTP itself and are kept for SOAP too. */
const KEPT_STATUSES: readonly (number | null)[] = [401, 405, 408, 413, 415, 503];

/** A refusal as SOAP fault with the typed `errore` inside. */
export function refusedInSoap(fault: Fault, version: SoapVersion, context: AnswerContext): Reply {
  const headers = { ...refusalHeaders(fault, context), 'content-type': contentTypeOf(version) };
  const body = version === 'soap11' ? fault11(fault, context) : fault12(fault, context);
  return { status: statusOf(fault, version), headers, body };
}

/** SOAP 1.1 §6.2: always 500; SOAP 1.2 Part 2 table 20: 400 for Sender, 500 for the others. */
function statusOf(fault: Fault, version: SoapVersion): number {
  const { http, soap } = fault.kind;
  if (http !== null && KEPT_STATUSES.includes(http)) return http;
  return version === 'soap12' && isOfSender(fault) && soap === undefined ? 400 : 500;
}

/** What the provider of a query refused is for who asked to correct, whoever is to blame. */
const isOfSender = ({ kind, code }: Fault) => kind.blame === 'sender' || code === 'receiver-refused';

/** After `errore`, which a client made from the WSDL looks for. */
const toldIn = ({ info }: Fault) => (info.provider ? problemInXml(info.provider) : '');

/**
 * SOAP 1.1 §4.4. What concerns a header block must not stand in `detail`, but in a header block itself: so does the
 * `errore` of header-not-understood.
 */
function fault11(fault: Fault, context: AnswerContext): string {
  const { kind, info } = fault;
  const { it, en } = FAULTS[fault.code];
  const code = kind.soap ?? (isOfSender(fault) ? 'Client' : 'Server');
  const inHeader = fault.code === 'header-not-understood';
  const body = [
    '<soap:Fault>',
    element('faultcode', `soap:${code}`),
    element('faultstring', `${it} / ${en}: ${info.detail}`),
    inHeader ? '' : `<detail>${errore(fault, context)}${toldIn(fault)}</detail>`,
    '</soap:Fault>',
  ].join('');
  return writeEnvelope('soap11', inHeader ? errore(fault, context) : '', body);
}

/** SOAP 1.2 Part 1 §5.4, with the header blocks of §5.4.7 (Upgrade) and §5.4.8 (NotUnderstood). */
function fault12(fault: Fault, context: AnswerContext): string {
  const { kind, info } = fault;
  const { it, en } = FAULTS[fault.code];
  const code = kind.soap ?? (isOfSender(fault) ? 'Sender' : 'Receiver');
  const body = [
    `<env:Fault><env:Code>${element('env:Value', `env:${code}`)}</env:Code><env:Reason>`,
    element('env:Text', `${it}: ${info.detail}`, ' xml:lang="it"'),
    element('env:Text', `${en}: ${info.detail}`, ' xml:lang="en"'),
    `</env:Reason><env:Detail>${errore(fault, context)}${toldIn(fault)}</env:Detail></env:Fault>`,
  ].join('');
  return writeEnvelope('soap12', headerBlocks12(fault), body);
}

function headerBlocks12({ code, info }: Fault): string {
  if (code === 'soap-version-mismatch') {
    const supported = [SOAP.soap12, SOAP.soap11].map(
      ({ namespace }) => `<env:SupportedEnvelope qname="e:Envelope" xmlns:e="${namespace}"/>`,
    );
    return `<env:Upgrade>${supported.join('')}</env:Upgrade>`;
  }
  if (code !== 'header-not-understood') return '';
  return [...(info.place ?? '').matchAll(/\{([^}]*)\}(\S+)/g)]
    .map(([, namespace = '', name = '']) => notUnderstood(namespace, name))
    .join('');
}

function notUnderstood(namespace: string, name: string): string {
  const local = escapeXml(name);
  if (namespace === '') return `<env:NotUnderstood qname="${local}"/>`;
  return `<env:NotUnderstood qname="n:${local}" xmlns:n="${escapeXml(namespace)}"/>`;
}

/** The element `errore` of schemas/crocevia/1.0/gateway.xsd. */
function errore({ code, kind, info }: Fault, { language, id }: AnswerContext): string {
  return [
    `<g:errore xmlns:g="${GATEWAY_NAMESPACE}">`,
    element('g:codice', code),
    element('g:colpa', kind.blame),
    element('g:ripetibile', kind.retryable),
    element('g:titolo', kind[language]),
    element('g:dettaglio', info.detail),
    optional('g:posizione', info.place),
    optional('g:atteso', info.expected),
    optional('g:idGateway', id),
    ...(info.violations ?? []).map(violazione),
    element('g:troncato', info.truncated ?? false),
    '</g:errore>',
  ].join('');
}

function violazione({ path, line, column, rule, expected, found, message }: Violation): string {
  return [
    '<g:violazione>',
    element('g:percorso', path),
    optional('g:riga', line),
    optional('g:colonna', column),
    element('g:regola', rule),
    element('g:atteso', expected),
    optional('g:trovato', found),
    element('g:messaggio', message),
    '</g:violazione>',
  ].join('');
}
