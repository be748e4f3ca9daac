import type { LargeBody, Written } from './large-body.js';

/** Where a large content is fetched, and how to know it. */
export interface ContentReference {
  readonly href: string;
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Its entity tag, without quotes; of an original that is its SHA-256 in hex. */
  readonly tag: string;
}

export const CLAIM_CHECK_TYPE = 'application/vnd.crocevia.claim-check+json';

export const referenceTo = (
  deliveryId: string,
  headers: Written['headers'],
  { size, tag }: LargeBody,
  publicUrl: string,
): ContentReference => ({
  href: `${publicUrl}/box/messages/${deliveryId}/content`,
  contentType: headers['content-type'] ?? 'application/octet-stream',
  size,
  tag,
});

/** What goes through a queue in place of a large content: the system fetches that over HTTP, with its own credentials. */
export function claimCheck(deliveryId: string, headers: Written['headers'], body: LargeBody, publicUrl: string) {
  const reference = referenceTo(deliveryId, headers, body, publicUrl);
  return { headers: { ...headers, 'content-type': CLAIM_CHECK_TYPE }, body: Buffer.from(JSON.stringify(reference)) };
}
