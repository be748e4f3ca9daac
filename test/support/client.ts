import { setTimeout as pause } from 'node:timers/promises';
import { request, type Dispatcher } from 'undici';
import { ADMIN_TOKEN } from './gateway.js';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

export interface HttpCall {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | object;
  readonly signal?: AbortSignal;
  /** Whose connections are used. */
  readonly dispatcher?: Dispatcher;
}

const given = <T extends object>(options: T) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;

/** One HTTP request; an object as body is sent as JSON. */
export async function http(
  url: string,
  { method, key, headers = {}, body, signal, dispatcher }: HttpCall = {},
): Promise<HttpAnswer> {
  const isText = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const reply = await request(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(key && { 'x-api-key': key }), ...(!isText && { 'content-type': 'application/json' }), ...headers },
    body: isText ? (body ?? null) : JSON.stringify(body),
    ...given({ signal, dispatcher }),
  });
  const text = await reply.body.text();
  const plain = Object.fromEntries(Object.entries(reply.headers).map(([name, value]) => [name, String(value)]));
  return { status: reply.statusCode, headers: plain, text, json: <T>() => JSON.parse(text) as T };
}

export interface StatusView {
  readonly id: string;
  readonly state: string;
  readonly deliveries: readonly {
    readonly deliveryId: string;
    readonly receiver: string;
    readonly state: string;
    readonly attempts: number;
    readonly fault: { code: string } | null;
  }[];
  readonly receipts: readonly {
    readonly kind: string;
    readonly receiver: string | null;
    readonly fault: { code: string } | null;
  }[];
  readonly fault: { readonly code: string } | null;
}

/** The status of a message once it is as wanted; asks the gateway, which is the only one to know. Throws after 20 s. */
export async function statusWhen(
  url: string,
  id: string,
  wanted: (status: StatusView) => boolean,
  limitMs = 20_000,
): Promise<StatusView> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await http(`${url}/admin/messages/${id}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    const status = answer.status === 200 ? answer.json<StatusView>() : null;
    if (status && wanted(status)) return status;
    if (Date.now() > end) throw new Error(`message ${id} is not as wanted: ${answer.text}`);
    await pause(25);
  }
}

/** The gateway's id of what was sent or asked. */
export const idOf = ({ headers }: HttpAnswer): string => headers['x-gateway-id'] ?? '';
