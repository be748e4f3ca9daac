import type { Attachment, StreamedBody, StreamedPart } from '../../message/stages.js';
import { charsetOf, mediaTypeUnsupported, parseMediaType, type MediaType } from '../mime/media-type.js';
import { mimeMalformed } from '../mime/parts.js';
import { relatedIn } from '../mime/streamed.js';
import { SOAP, type SoapVersion } from './versions.js';
import { inlineXop } from './xop.js';

/** The envelope as XML bytes, taken out of whatever carried it. */
export interface Carriage {
  /** What the media type says; the envelope must agree. */
  readonly version: SoapVersion;
  readonly envelope: Buffer;
  readonly charset: string | null;
  /** `action` parameter (RFC 3902 §2). */
  readonly action: string | null;
  /** Those that no xop:Include has taken in. */
  readonly attachments: readonly (Attachment | StreamedPart)[];
}

const ACCEPTED = ['text/xml', 'application/soap+xml', 'multipart/related'];
const XOP = 'application/xop+xml';

/**
 * Finds the envelope: bare, with attachments (SOAP Messages with Attachments §3) or as XOP package (MTOM §3.1), whose
 * parts are put back in place. Throws media-type-unsupported, mime-malformed, too-complex, too-large.
 */
export function readCarriage(contentType: string | undefined, body: Buffer | StreamedBody): Carriage {
  const media = parseMediaType(contentType);
  if (media?.type === 'multipart/related') return readPackage(media, contentType, body);
  const version = versionOf(media);
  if (!media || !version || !Buffer.isBuffer(body)) throw mediaTypeUnsupported(contentType, 'Content-Type', ACCEPTED);
  const action = media.parameters['action'] ?? null;
  return { version, envelope: body, charset: charsetOf(media), action, attachments: [] };
}

function readPackage(outer: MediaType, contentType: string | undefined, body: Buffer | StreamedBody): Carriage {
  const { root, attachments } = relatedIn(body, outer);
  const media = parseMediaType(root.contentType ?? outer.parameters['type']);
  const startInfo = parseMediaType(outer.parameters['start-info']);
  const inner = media?.type === XOP ? (parseMediaType(media.parameters['type']) ?? startInfo) : media;
  const version = versionOf(inner);
  if (!media || !version)
    throw mediaTypeUnsupported(root.contentType ?? contentType, 'root part: Content-Type', ACCEPTED);
  requireType(outer, media);
  const action = [inner, media, startInfo, outer].map((said) => said?.parameters['action']).find(Boolean) ?? null;
  const known = { version, charset: charsetOf(media), action };
  if (media.type !== XOP) return { ...known, envelope: root.bytes, attachments };
  const { xml, left } = inlineXop(root.bytes, attachments);
  return { ...known, envelope: xml, attachments: left };
}

/** RFC 2387 §3.1: `type` is the media type of the root. */
function requireType({ parameters }: MediaType, root: MediaType): void {
  const said = parseMediaType(parameters['type']);
  if (!said || said.type === root.type) return;
  throw mimeMalformed(`The type parameter says ${said.type}, the root part ${root.type}.`, 'Content-Type', root.type);
}

function versionOf(media: MediaType | null): SoapVersion | null {
  if (media?.type === SOAP.soap11.mediaType) return 'soap11';
  return media?.type === SOAP.soap12.mediaType ? 'soap12' : null;
}

/** The version to answer in, also where the request could not be read: 1.2 only to a sender that speaks it. */
export function answerVersion(contentType: string | undefined): SoapVersion {
  const media = parseMediaType(contentType);
  const said = [media, parseMediaType(media?.parameters['start-info']), parseMediaType(media?.parameters['type'])];
  return said.map(versionOf).find((version) => version !== null) ?? 'soap11';
}
