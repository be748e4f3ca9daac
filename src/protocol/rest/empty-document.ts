import { createHash } from 'node:crypto';
import type { OpenDocument } from '../../message/document.js';

const DIGEST = createHash('sha256').digest('hex');

/** What a request without a body holds: nothing, which no schema of a body describes. */
export const emptyDocument = (): OpenDocument => unopened(DIGEST);

/** A body that nobody opens: only its digest is known. */
export const unopened = (digest: string): OpenDocument => ({
  format: 'json',
  xml: null,
  json: undefined,
  examine: () => Promise.resolve({ violations: [], truncated: false, extracted: {}, keys: [], digest }),
  close: () => undefined,
});
