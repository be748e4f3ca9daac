import { stringify } from 'csv-stringify/sync';
import { visibleJson, visibleText } from '../message/visible.js';
import { harmless } from '../reports/table.js';
import type { FoundMessages, MessageFilter, MessageSearch } from '../trace/ports.js';
import { rowOf, type MessageTableRow } from './message-row.js';
import type { ActingOperator } from './permissions.js';

export const FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof FORMATS)[number];

/** Rows of one export; what is older is another one, with its `to`. */
export const MOST_EXPORTED = 100_000;
const PAGE = 500;
/** Of one page: nobody waits for the first row only. */
const BUDGET_MS = 5_000;

const COLUMNS: Readonly<Record<string, (row: MessageTableRow) => string | number | null>> = {
  id: (row) => row.id,
  messageId: (row) => row.messageId,
  correlationId: (row) => row.correlationId,
  acceptedAt: (row) => row.acceptedAt,
  sender: (row) => row.sender,
  senderSystem: (row) => row.senderSystem,
  receivers: (row) => row.receivers.join(' '),
  service: (row) => row.service,
  version: (row) => row.version,
  operation: (row) => row.operation,
  protocol: (row) => row.protocol,
  state: (row) => row.state,
  faultCode: (row) => row.faultCode,
  attempts: (row) => row.attempts,
  size: (row) => row.size,
  durationMs: (row) => row.durationMs,
  businessKeys: (row) => row.businessKeys.map(({ name, value }) => `${name}=${value ?? ''}`).join(' '),
};

interface Exported {
  readonly format: ExportFormat;
  readonly filter: MessageFilter;
  readonly operator: ActingOperator;
  readonly publicUrl: string;
}

/**
 * What matches, newest first, as it is found. NDJSON ends with a line that tells how many there are and whether there are more;
 * CSV (RFC 4180) with such a line only where there are more, and no cell of it begins a formula or holds what
 * shows nothing or turns a line.
 */
export async function* exported(
  { format, filter, operator, publicUrl }: Exported,
  search: MessageSearch,
): AsyncGenerator<string> {
  let [count, before]: [number, string | null] = [0, null];
  if (format === 'csv') yield stringify([Object.keys(COLUMNS)]);
  do {
    const limit = Math.min(PAGE, MOST_EXPORTED - count);
    const page: FoundMessages = await search.find(filter, { limit, budgetMs: BUDGET_MS, ...(before && { before }) });
    count += page.items.length;
    before = page.next;
    const rows = page.items.map((found) => rowOf(found, operator, publicUrl));
    yield format === 'csv' ? csvOf(rows) : rows.map((row) => `${visibleJson(JSON.stringify(row))}\n`).join('');
  } while (before !== null && count < MOST_EXPORTED);
  const end = { rows: count, more: before !== null };
  if (format === 'ndjson') yield `${JSON.stringify({ end })}\n`;
  else if (end.more) yield `# ${count} rows; more match\n`;
}

const shown = (cell: string | number | null) => (typeof cell === 'string' ? harmless(visibleText(cell)) : cell);

const csvOf = (rows: readonly MessageTableRow[]): string =>
  stringify(
    rows.map((row) => Object.values(COLUMNS).map((cell) => shown(cell(row)))),
    { quoted_string: true },
  );
