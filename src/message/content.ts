/** Bytes of a stored content, `to` excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part of a multipart content, as it lies in the stored bytes. */
export interface StoredPart {
  /** Content-ID without its angle brackets; of a form its field name. */
  readonly contentId: string | null;
  readonly contentType: string;
  /** Content-Transfer-Encoding, lower case; null where none is given. */
  readonly encoding: string | null;
  readonly span: Span;
  /** Lower-case hex SHA-256 of what it holds, its transfer encoding undone. */
  readonly sha256: string;
}

/** A content too large to be held: the original bytes lie in the payload store, and this is what is known of them. */
export interface StoredContent {
  /** UUIDv7 under which the payload store has it. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex SHA-256 of all of it. */
  readonly sha256: string;
  /** The document; null: the whole content is one opaque body. */
  readonly root: StoredPart | null;
  readonly parts: readonly StoredPart[];
}

/** The original bytes of a message, or where they lie. */
export type Content = Buffer | StoredContent;

export const sizeOf = (content: Content): number => (Buffer.isBuffer(content) ? content.length : content.size);
