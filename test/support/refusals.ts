import { readFileSync } from 'node:fs';
import type { FaultCode } from '../../src/message/fault-catalogue.js';
import type { HttpAnswer } from './client.js';

/** The dialects in which a refusal can be told. */
export const DIALECTS = ['rest', 'soap11', 'soap12'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A refusal as its reader finds it, whatever the dialect. */
export interface Refusal {
  readonly status: number;
  readonly code: string | undefined;
  /** Local name of the SOAP fault code; null in problem+json. */
  readonly soap: string | null;
}

const FAULT_CODE = { soap11: /<faultcode>\w+:(\w+)</, soap12: /<env:Code><env:Value>\w+:(\w+)</ } as const;

export function refusalIn({ status, text }: HttpAnswer, dialect: Dialect): Refusal {
  if (dialect === 'rest') return { status, code: (JSON.parse(text) as { code?: string }).code, soap: null };
  const code = /<g:codice>([^<]*)</.exec(text)?.[1];
  return { status, code, soap: FAULT_CODE[dialect].exec(text)?.[1] ?? 'none' };
}

/** What HTTP says of a code whatever the dialect: SOAP keeps these (docs/protocols/soap.md). */
const KEPT = [401, 405, 408, 413, 415, 503];

/** A refusal as the protocols ask for it, given its status over REST: 4xx blames the sender, 5xx the gateway. */
export function refusalOf(dialect: Dialect, code: FaultCode, restStatus: number): Refusal {
  if (dialect === 'rest') return { status: restStatus, code, soap: null };
  const own = { 'soap-version-mismatch': 'VersionMismatch', 'header-not-understood': 'MustUnderstand' } as const;
  const special = code in own ? own[code as keyof typeof own] : null;
  const bySender = restStatus < 500;
  const [client, server] = dialect === 'soap11' ? ['Client', 'Server'] : ['Sender', 'Receiver'];
  const soap = special ?? (bySender ? client : server) ?? null;
  if (KEPT.includes(restStatus)) return { status: restStatus, code, soap };
  return { status: dialect === 'soap12' && special === null && bySender ? 400 : 500, code, soap };
}

const DOCUMENTED = readFileSync('docs/faults.md', 'utf8');

/** True where docs/faults.md has a row for the code with this status. */
export function isDocumented(code: string, restStatus: number): boolean {
  const row = DOCUMENTED.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
  return row?.split('|')[5]?.trim() === String(restStatus);
}

/** What no answer may hold: a stack trace, a file of ours, the run-time's own words. */
export const INTERNALS =
  /\n\s+at |node_modules|\/dist\/|\.[jt]s:\d|file:\/\/|(^|[\s"'(])\/(tmp|work|home|root|usr)\/|libxml|ECONN|undefined/;
