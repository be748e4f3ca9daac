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

export function refusal(status: number, text: string): string {
  const said = text.trimStart().startsWith('<') ? inErrore(text) : explain(status, text);
  return said === null ? `refused (HTTP ${status})\n${text}` : `refused\n  ${said}\n${text}`;
}

/** What the gateway's own `errore` says in a SOAP fault, in the lines of `explain`; null where there is none. */
function inErrore(xml: string): string | null {
  const errore = /<g:errore [^>]*>([^]*?)<\/g:errore>/.exec(xml)?.[1];
  if (errore === undefined) return null;
  const [own = '', ...violations] = errore.split('<g:violazione>');
  const [code, detail, expected] = ['codice', 'dettaglio', 'atteso'].map((name) => textOf(own, name));
  const each = violations.map((one) => {
    const line = textOf(one, 'riga');
    return `${textOf(one, 'percorso')}${line === null ? '' : `, line ${line}`}: ${textOf(one, 'messaggio')}`;
  });
  return [code, detail, expected && `expected: ${expected}`, ...each].filter(Boolean).join('\n  ');
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function textOf(xml: string, name: string): string | null {
  const text = new RegExp(`<g:${name}>([^<]*)</g:${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '') ?? null;
}
