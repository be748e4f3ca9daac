import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { http, idOf, type HttpAnswer } from './client.js';
import { noticeJson } from './messages.js';
import { KEYS } from './registry.js';
import type { Receiver } from './receiver.js';

export const NOTICE_PATH = '/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche';

/** Sends one valid notice of Sulmona to the region; null where the connection failed. */
export async function sendNotice(
  url: string,
  headers: Record<string, string> = { 'idempotency-key': randomUUID() },
  dispatcher?: Dispatcher,
): Promise<HttpAnswer | null> {
  const body = noticeJson('r_abruzz');
  const call = { key: KEYS.sulmona, body, headers, ...(dispatcher && { dispatcher }) };
  return http(`${url}${NOTICE_PATH}`, call).catch(() => null);
}

/** Sends `count` notices, `senders` at a time; returns the gateway's ids of those that were accepted and the times. */
export async function sendMany(
  url: string,
  count: number,
  senders = 8,
): Promise<{ readonly ids: readonly string[]; readonly ms: readonly number[] }> {
  const ids: string[] = [];
  const ms: number[] = [];
  let left = count;
  const one = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const answer = await sendNotice(url);
      ms.push(performance.now() - start);
      if (answer?.status === 202) ids.push(idOf(answer));
    }
  };
  await Promise.all(Array.from({ length: senders }, one));
  return { ids, ms };
}

/** Resolves when each of the ids has been posted to the receiver; throws with those missing after the time. */
export async function allArrived(receiver: Receiver, ids: readonly string[], limitMs = 60_000): Promise<void> {
  const missing = new Set(ids);
  let late: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const tell = () => reject(new Error(`${missing.size} of ${ids.length} never arrived: ${[...missing].slice(0, 3)}`));
    late = setTimeout(tell, limitMs);
  });
  const each = ids.map(async (id) => {
    await receiver.next(({ headers }) => headers['x-gateway-id'] === id);
    missing.delete(id);
  });
  await Promise.race([Promise.all(each), limit]).finally(() => clearTimeout(late));
}
