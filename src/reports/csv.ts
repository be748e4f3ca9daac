import { harmless, type Table, type Value } from './table.js';

/** Tells spreadsheets that it is UTF-8. */
const MARK = '\ufeff';

/** RFC 4180, UTF-8 with a byte order mark. */
export function csvOf({ columns, rows }: Table): Buffer {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(cell).join(','));
  return Buffer.from(`${MARK}${lines.join('\r\n')}\r\n`);
}

function cell(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = harmless(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
