import { newId } from '../new-id.js';
import type { Decoded, Reply } from '../message/stages.js';
import { findService } from '../policy/resolve.js';
import { GATEWAY_NAMESPACE } from '../protocol/answer.js';
import type { AnswerCodec } from '../protocol/protocol.js';
import { escapeXml } from '../protocol/xml/escape.js';
import type { Registry } from '../registry/registry.js';

interface EchoParts {
  readonly registry: Registry;
  readonly codec: Pick<AnswerCodec, 'answered'>;
  /** Rejects where the gateway cannot take messages now. */
  readonly ready: () => Promise<void>;
}

/** ModI SOAP_004: what a consumer asks of any SOAP service to see that it is there; the gateway answers, no provider is asked. */
export const isEcho = ({ binding, hints: { element } }: Decoded): boolean =>
  binding === 'soap' && element?.name === 'echo' && element.namespace === GATEWAY_NAMESPACE;

/** Throws participant-, service- and version-unknown, store-unavailable, registry-stale. */
export async function echo(decoded: Decoded, { registry, codec, ready }: EchoParts): Promise<Reply> {
  const { participant, service, version } = decoded.address;
  findService(participant ?? '', service ?? '', version ?? 0, registry);
  await ready();
  const { extracted } = await decoded.document.examine({ schema: null, extract: { messaggio: 'messaggio' } });
  const text = extracted['messaggio'] ?? '';
  const bytes = Buffer.from(
    `<g:echoRisposta xmlns:g="${GATEWAY_NAMESPACE}"><g:messaggio>${escapeXml(text)}</g:messaggio>` +
      `<g:stato>attivo</g:stato><g:dataOra>${new Date().toISOString()}</g:dataOra></g:echoRisposta>`,
  );
  const id = newId();
  const message = { id, messageId: decoded.messageId ?? `urn:uuid:${id}` };
  return { status: 200, ...codec.answered(decoded, { format: 'xml', bytes, attachments: [] }, message) };
}
