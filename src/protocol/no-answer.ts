import type { OpenAnswer } from './protocol.js';

/** An answer without a body, or with one that no published schema describes. */
export const NO_DOCUMENT: OpenAnswer = { document: null, element: null, isFault: false, close: () => undefined };
