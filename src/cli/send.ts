import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { call, CommandError, explain, type Connection } from './client.js';

export interface SendOptions {
  readonly to: string;
  readonly id?: string;
  readonly action?: string;
  readonly type?: string;
}

/** Sends a file as it is and tells what came back. Throws CommandError with the fault where it is refused. */
export async function sendFile(file: string, options: SendOptions, connection: Connection): Promise<string> {
  const body = await readFile(file).catch((error: Error) => {
    throw new CommandError(`Cannot read ${file}: ${error.message}`);
  });
  const headers = {
    'content-type': options.type ?? mediaType(file, body, options.to),
    ...(options.id && { 'idempotency-key': options.id }),
    ...(options.action !== undefined && { soapaction: `"${options.action}"` }),
  };
  const answer = await call(connection, 'POST', options.to, { body, headers });
  if (answer.status >= 300) throw new CommandError(refusal(answer.status, answer.text));
  const id = answer.headers['x-gateway-id'] ?? '-';
  return `accepted (HTTP ${answer.status})\n  id      ${String(id)}\n  status  ${String(answer.headers['location'] ?? '-')}\n${answer.text}`;
}

export function mediaType(file: string, body: Buffer, address: string): string {
  if (extname(file) === '.json') return address === '/messages' ? 'application/cloudevents+json' : 'application/json';
  if (!address.startsWith('/soap/')) return 'application/xml';
  return body.includes('http://www.w3.org/2003/05/soap-envelope')
    ? 'application/soap+xml; charset=utf-8'
    : 'text/xml; charset=utf-8';
}

function refusal(status: number, text: string): string {
  return text.trimStart().startsWith('<')
    ? `refused (HTTP ${status})\n${text}`
    : `refused\n  ${explain(status, text)}\n${text}`;
}
