import { http, idOf } from './client.js';
import { sendMany } from './load.js';
import { noticeJson } from './messages.js';
import type { Receiver } from './receiver.js';
import { KEYS } from './registry.js';
import {
  answerWhen,
  pagesOf,
  type DeliveryView,
  type ItemView,
  type JobView,
  type ReplayStage,
} from './replay-stage.js';

/** For a bulk on a busy machine. */
export const BULK_MS = 180_000;

export interface Groups {
  readonly counted: number;
  readonly groups: readonly {
    readonly cause: { readonly code: string; readonly blame: string; readonly retryable: boolean } | null;
    readonly system: string;
    readonly count: number;
    readonly retried: number;
    readonly example: string;
    readonly filter: object;
  }[];
}

export interface Preview {
  readonly order: object;
  readonly total: number;
  readonly states: Readonly<Record<string, number>>;
  readonly confirm: string | null;
  readonly samples: readonly DeliveryView[];
}

/** How often each idempotency key has arrived. */
export const postsOf = ({ received }: Receiver) => {
  const posts = new Map<string, number>();
  for (const { headers } of received)
    posts.set(String(headers['idempotency-key']), (posts.get(String(headers['idempotency-key'])) ?? 0) + 1);
  return posts;
};

export const ofRegion = { receiver: 'regione.anagrafe' };

/** What an operator orders on a stage, and asks of it. */
export function replayOrders(stage: () => ReplayStage) {
  const regioneAnswers = (status: number) =>
    stage().regione.answerWith((_, reply) => void reply.writeHead(status).end());
  const preview = async (order: object) => (await stage().admin('POST', 'jobs/preview', order)).json<Preview>();
  const create = async (order: object, token?: string) => {
    const answer = await stage().admin('POST', 'jobs', order, token);
    expect([answer.status, answer.text]).toEqual([201, answer.text]);
    return answer.json<JobView>();
  };
  const ended = (id: string) => answerWhen<JobView>(stage(), `jobs/${id}`, ({ state }) => state === 'DONE', BULK_MS);
  const itemsOf = (id: string) => pagesOf<ItemView>(stage(), `jobs/${id}/items`, 'cursor');
  const turn = async (id: string, act: string) => (await stage().admin('POST', `jobs/${id}/${act}`)).json<JobView>();
  const deliveries = (query: string) => pagesOf<DeliveryView>(stage(), `deliveries?${query}`, 'before');
  const failSome = async (count: number) => {
    regioneAnswers(400);
    const { ids } = await sendMany(stage().gateway.url, count);
    await answerWhen<{ items: readonly DeliveryView[] }>(
      stage(),
      `deliveries?ids=${ids.join(',')}&state=FAILED`,
      ({ items }) => items.length === count,
    );
    return ids;
  };
  const toPratola = async () =>
    idOf(
      await http(`${stage().gateway.url}/rest/c_h007/v1/VariazioneAnagrafica/notifiche`, {
        key: KEYS.sulmona,
        body: noticeJson('c_h007'),
      }),
    );
  return { regioneAnswers, preview, create, ended, itemsOf, turn, deliveries, failSome, toPratola };
}
