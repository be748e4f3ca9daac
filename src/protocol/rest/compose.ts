import { writeBare } from '../bare-document.js';
import type { Compose } from '../protocol.js';

/** The payload as JSON or XML body. Throws mediation-failed for attachments. */
export const composeRest: Compose = (message, payload) => writeBare(payload, message);
