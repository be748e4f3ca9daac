import writeXlsxFile from 'write-excel-file/node';
import { harmless, type Table, type Value } from './table.js';

const WIDTH = 16;
/** Of the name of a sheet. */
const FORBIDDEN = /[[\]/\\:*?]/g;
const LONGEST = 31;

/** A workbook with one sheet; what is text is never a formula. */
export async function xlsxOf({ title, columns, rows }: Table): Promise<Buffer> {
  const head = columns.map((column) => ({ value: column.title, type: String, fontWeight: 'bold' as const }));
  const sheet = title.replace(FORBIDDEN, '').slice(0, LONGEST);
  const options = { sheet, columns: columns.map(() => ({ width: WIDTH })), stickyRowsCount: 1 };
  return writeXlsxFile([head, ...rows.map((row) => row.map(cell))], options).toBuffer();
}

function cell(value: Value) {
  if (value === null) return null;
  return typeof value === 'number' ? { value, type: Number } : { value: harmless(value), type: String };
}
