/** Closed-loop load: 64 connections send the 2 KiB message, each under a new id, for SECONDS; prints what came back. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { SOAP_MESSAGE } from './message.js';

const { TARGET, SECONDS, API_KEY, CONNECTIONS = '64' } = process.env;
const target = new URL(TARGET as string);
const pool = new Pool(target.origin, { connections: Number(CONNECTIONS), pipelining: 1 });
const headers = {
  'content-type': 'text/xml; charset=utf-8',
  soapaction: '"urn:crocevia:bench:notifica"',
  ...(API_KEY && { 'x-api-key': API_KEY }),
};

const end = Date.now() + Number(SECONDS) * 1000;
const latencies: number[] = [];
let refused = 0;

async function send(): Promise<void> {
  while (Date.now() < end) {
    const started = performance.now();
    const body = SOAP_MESSAGE.replace('[<id>]', randomUUID());
    const reply = await pool.request({ method: 'POST', path: target.pathname, headers, body });
    await reply.body.dump();
    if (reply.statusCode < 300) latencies.push(performance.now() - started);
    else refused++;
  }
}

const started = Date.now();
await Promise.all(Array.from({ length: Number(CONNECTIONS) }, send));
const seconds = (Date.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 10) / 10;
console.log(
  JSON.stringify({
    accepted: latencies.length,
    refused,
    perSecond: latencies.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    started,
  }),
);
await pool.close();
