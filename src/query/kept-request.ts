import { hash } from 'node:crypto';
import { cleanValue } from '../delivery/channels/headers.js';
import type { Message } from '../message/message.js';
import type { Validated } from '../policy/stages.js';
import { requestHeaders } from './carried-headers.js';
import type { QueryTarget } from './ports.js';
import { CARRIED, fromCarried } from './question-headers.js';

/** What is kept of the request of a query beside its body, among the headers of its message: where it is answered later, and as evidence. */
export function keptHeaders({ address, headers, operation }: Validated): Readonly<Record<string, string>> {
  const { method, path, query } = address;
  const { prefer: _prefer, ...others } = requestHeaders(headers, operation);
  const carried = Object.entries(others).map(([name, value]) => [CARRIED + name, cleanValue(value)]);
  const written = path.split('/').map(encodeURIComponent).join('/');
  return { 'x-method': method, 'x-path': written, 'x-query': cleanValue(query), ...Object.fromEntries(carried) };
}

/** The same question has the same digest: what it asks stands in its address too. */
export function keptDigest({ address, examination }: Validated): string {
  const { method, path, query } = address;
  return hash('sha256', `${examination.digest} ${method} ${path}?${query}`, 'hex');
}

export function keptTarget({ headers }: Message): QueryTarget {
  return {
    method: headers['x-method'] ?? 'POST',
    path: (headers['x-path'] ?? '').split('/').map(decodeURIComponent).join('/'),
    query: headers['x-query'] ?? '',
    headers: fromCarried(headers),
  };
}
