import type { MessageStatus } from '../trace/ports.js';
import { showStatus } from '../trace/status.js';
import { shownTo } from './contents.js';
import { allows, type ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';
import { keysShownTo } from './message-row.js';
import { eventInSight, inSight } from './sight.js';

type Parts = Pick<AdminParts, 'trace' | 'messages' | 'audit' | 'publicUrl'>;

/** Looks of one message that are listed at most. */
const MOST_VIEWS = 100;

/** A message with its tries, what belongs to it, what was noted on it and who has looked at what it carried. */
export async function detailOf(found: MessageStatus, operator: ActingOperator, parts: Parts) {
  const { trace, messages, publicUrl } = parts;
  const seen = inSight(found, operator);
  const scope = operator.participants && [...operator.participants];
  const [keys, related, views, events, tries] = await Promise.all([
    messages.keys(found.id),
    messages.related(found, scope),
    viewsOf(found.id, operator, parts),
    trace.timeline(found.id),
    trace.attempts(found.id),
  ]);
  const notes = events.filter((event) => eventInSight(event, found.sender.participant, operator));
  return shownTo(operator, {
    ...showStatus(seen, publicUrl),
    businessKeys: keysShownTo(operator, keys),
    tries: triesOf(seen, tries),
    related,
    notes: notes.flatMap(({ at, by, detail: { note } }) =>
      note === undefined ? [] : [{ at, operator: by.replace(/^operator:/, ''), note }],
    ),
    views,
  });
}

function triesOf({ deliveries }: MessageStatus, tries: Awaited<ReturnType<Parts['trace']['attempts']>>) {
  return tries.flatMap((one) => {
    const delivery = deliveries.find(({ deliveryId }) => deliveryId === one.deliveryId);
    return delivery ? [{ ...one, receiver: delivery.receiver.participant }] : [];
  });
}

async function viewsOf(id: string, { role }: ActingOperator, { audit }: Parts) {
  if (!allows(role, 'audit.read')) return null;
  const records = await audit.list({ event: 'content.viewed', subject: id }, { limit: MOST_VIEWS });
  return records.map(({ at, operator, address }) => ({ at, operator, address }));
}
