import { createHash } from 'node:crypto';
import type { OpenDocument } from '../../message/document.js';

const DIGEST = createHash('sha256').digest('hex');

/** What a request without a body holds: nothing, which no schema of a body describes. */
export const emptyDocument = (): OpenDocument => ({
  format: 'json',
  xml: null,
  json: undefined,
  examine: () => Promise.resolve({ violations: [], truncated: false, extracted: {}, digest: DIGEST }),
  close: () => undefined,
});
