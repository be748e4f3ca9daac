/** One message at a time, with rests between: how long until it is at its receiver, where nothing else is to do. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { median } from './measure.js';
import { actionOf, SOAP_MESSAGE } from './message.js';

const COUNT = 60;
const REST_MS = 100;
const LIMIT_MS = 10_000;
const AIM_MS = 10;

interface Target {
  readonly url: string;
  readonly apiKey: string;
}

/** From the sender's first byte, and from its answer, to the last byte at the receiver (p50, ms); what arrives before its answer counts 0. */
export async function idle(shape: string, target: Target, receiverUrl: string): Promise<void> {
  const [whole, after]: [number[], number[]] = [[], []];
  for (let sent = 0; sent < COUNT; sent++) {
    await pause(REST_MS);
    const { count } = await received(receiverUrl);
    const began = now();
    await send(target);
    const accepted = now();
    const arrived = await arrival(receiverUrl, count);
    whole.push(arrived - began);
    after.push(Math.max(0, arrived - accepted));
  }
  const p50 = median(after);
  console.log(
    `${shape}, idle: sent to delivered p50 ${median(whole).toFixed(1)} ms, accepted to delivered p50 ${p50.toFixed(1)} ms ` +
      `(aim ${AIM_MS} ms) ${p50 <= AIM_MS ? 'PASS' : 'MISSED'}`,
  );
}

/** Of all processes of this machine. */
const now = () => performance.timeOrigin + performance.now();

async function send({ url, apiKey }: Target): Promise<void> {
  const headers = { 'content-type': 'text/xml', soapaction: actionOf('notifica'), 'x-api-key': apiKey };
  const body = SOAP_MESSAGE.replace('[<id>]', randomUUID());
  const answer = await request(url, { method: 'POST', headers, body });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`refused with ${answer.statusCode}: ${text.slice(0, 300)}`);
}

const received = async (url: string) =>
  (await (await request(url)).body.json()) as { readonly count: number; readonly last: number };

async function arrival(url: string, before: number): Promise<number> {
  for (const end = now() + LIMIT_MS; now() < end; await pause(2)) {
    const { count, last } = await received(url);
    if (count > before) return last;
  }
  throw new Error(`a message did not arrive in ${LIMIT_MS / 1000} s`);
}
