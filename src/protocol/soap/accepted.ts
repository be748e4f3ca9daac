import { v5 as uuidv5 } from 'uuid';
import type { Message } from '../../message/message.js';
import type { Acceptance, Decoded, Reply } from '../../message/stages.js';
import { acceptanceHeaders, GATEWAY_NAMESPACE } from '../answer.js';
import type { AnswerContext } from '../protocol.js';
import { escapeXml } from '../xml/escape.js';
import { withoutDeclaration } from './compose.js';
import { contentTypeOf, element, optional, writeEnvelope } from './envelope.js';
import { isWsa } from './headers.js';
import type { SoapVersion } from './versions.js';

/**
 * HTTP 200 with `presaInCarico` or the status where the WSDL publishes such an output, else 202 without a body (WS-I BP 1.1
 * R2714).
 */
export function acceptedInSoap(decoded: Decoded, acceptance: Acceptance, context: AnswerContext): Reply {
  const headers = acceptanceHeaders(acceptance, context);
  const accepted = context.polled?.accepted;
  if (!context.acknowledged && !accepted) return { status: 202, headers, body: '' };
  const version: SoapVersion = decoded.protocol === 'soap12' ? 'soap12' : 'soap11';
  const body = writeEnvelope(
    version,
    addressing(decoded, acceptance.message, 'presaInCarico') + correlation(decoded, acceptance.message, context),
    accepted ? withoutDeclaration(accepted.bytes).toString() : presaInCarico(acceptance, context),
  );
  return { status: 200, headers: { ...headers, 'content-type': contentTypeOf(version) }, body };
}

/** ModI NONBLOCK_PUSH_SOAP and _PULL_SOAP: who has asked by X-ReplyTo, or polls, is told the id in the namespace of its own body. */
function correlation(
  { document, hints }: Decoded,
  { correlationId }: Acceptance['message'],
  { polled }: AnswerContext,
): string {
  const isAsked = polled || document.xml?.envelope?.headers.some(({ name }) => name === 'X-ReplyTo');
  if (!isAsked || !hints.element) return '';
  return element('m:X-Correlation-ID', correlationId, ` xmlns:m="${escapeXml(hints.element.namespace)}"`);
}

function presaInCarico({ message, duplicate }: Acceptance, { statusUrl }: AnswerContext): string {
  return [
    `<g:presaInCarico xmlns:g="${GATEWAY_NAMESPACE}">`,
    element('g:idMessaggio', message.messageId),
    element('g:idGateway', message.id),
    element('g:idCorrelazione', message.correlationId),
    element('g:dataOraPresaInCarico', message.acceptedAt.toISOString()),
    element('g:duplicato', duplicate),
    optional('g:indirizzoStato', statusUrl),
    '</g:presaInCarico>',
  ].join('');
}

type AnsweredMessage = Pick<Message, 'id' | 'messageId'>;

/**
 * WS-Addressing in the namespace of the request, where it used it (1.0 SOAP Binding §5.1). The action follows the
 * published pattern, input action + `Risposta`; the answer's own id is the same each time that it is given again.
 */
export function addressing(
  decoded: Pick<Decoded, 'document' | 'hints'>,
  message: AnsweredMessage,
  name: string,
): string {
  const block = decoded.document.xml?.envelope?.headers.find(isWsa);
  if (!block) return '';
  const { wsaAction, soapAction, actionParameter } = decoded.hints;
  const asked = wsaAction ?? soapAction ?? actionParameter;
  const action = asked === null ? `${GATEWAY_NAMESPACE}/${name}` : `${asked}Risposta`;
  const declaration = ` xmlns:wsa="${block.namespace}"`;
  return [
    element('wsa:Action', action, declaration),
    element('wsa:MessageID', `urn:uuid:${uuidv5(name, message.id)}`, declaration),
    element('wsa:RelatesTo', message.messageId, declaration),
  ].join('');
}
