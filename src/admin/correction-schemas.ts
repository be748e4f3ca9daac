import { CORRECTION_STATES, type Correction } from '../corrections/ports.js';
import { MOST_BYTES } from '../corrections/draft.js';
import { FAULTS } from '../message/fault-catalogue.js';
import { checked, compiled } from './checked.js';
import { closed, integer, listOf, orNull, ref, refOrNull, string, time, uuid } from './schema-parts.js';

const reason = { ...string, minLength: 1, maxLength: 500, pattern: '\\S' };

/** JSON Schema of edited copies of messages. */
export const CORRECTION_SCHEMAS = {
  CorrectionDraft: closed({
    text: { ...string, description: 'the content, with a fresh wsa:MessageID where it has one' },
    type: { ...string, description: 'its media type' },
  }),
  CorrectionBody: closed(
    {
      text: { ...string, minLength: 1, maxLength: MOST_BYTES, description: 'the whole content' },
      reason,
      receiver: { ...string, description: 'IPA code; may be left out where the original has one receiver' },
    },
    ['receiver'],
  ),
  Correction: closed({
    id: uuid,
    messageId: { ...uuid, description: 'of the original' },
    sender: { ...string, description: 'IPA code' },
    receiver: { ...string, description: 'IPA code' },
    service: string,
    version: integer,
    operation: string,
    size: { ...integer, description: 'bytes' },
    reason: string,
    state: { type: 'string', enum: [...CORRECTION_STATES] },
    operator: { ...string, description: 'who has written it' },
    createdAt: time,
    decidedBy: orNull(string),
    decidedAt: orNull(time),
    decisionReason: orNull(string),
    sentAs: { ...orNull(uuid), description: 'the message that it became' },
    fault: { type: ['string', 'null'], enum: [...Object.keys(FAULTS), null], description: 'why it was not taken' },
  }),
  CorrectionOutcome: closed({
    correction: refOrNull('Correction'),
    faults: { ...listOf(ref('Fault')), description: 'what stands against it; nothing is kept then' },
  }),
  CorrectionPage: closed({ items: listOf(ref('Correction')), next: orNull(uuid) }),
  CorrectionDecision: closed({ reason }, ['reason']),
};

const isProposal = compiled(CORRECTION_SCHEMAS.CorrectionBody);
const isDecision = compiled(CORRECTION_SCHEMAS.CorrectionDecision);

/** Throws parameter-wrong. */
export const proposalIn = (body: unknown) =>
  checked<{ readonly text: string; readonly reason: string; readonly receiver?: string }>(isProposal, body);

/** Throws parameter-wrong. */
export const decisionIn = (body: unknown) => checked<{ readonly reason?: string }>(isDecision, body ?? {});

export const showCorrection = ({ headers: _headers, system: _system, ...shown }: Correction) => shown;
