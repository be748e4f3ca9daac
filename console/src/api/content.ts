import { ProblemError } from './problem';

const MOST_SHOWN = 2_000_000;

export interface Content {
  /** Media type. */
  readonly type: string;
  /** Null: it is no text, or too long to be shown. */
  readonly text: string | null;
}

export const isText = (type: string): boolean => /\b(xml|json|text)\b/.test(type);

/** What a message carries; each look is written to the audit log. Throws ProblemError. */
export async function readContent(id: string): Promise<Content> {
  const headers = { 'accept-language': document.documentElement.lang };
  const response = await fetch(`/admin/messages/${encodeURIComponent(id)}/content`, { headers });
  if (!response.ok) throw await ProblemError.of(response);
  const type = response.headers.get('content-type') ?? 'application/octet-stream';
  const bytes = await response.arrayBuffer();
  const shown = isText(type) && bytes.byteLength <= MOST_SHOWN;
  return { type, text: shown ? new TextDecoder().decode(bytes) : null };
}
