import { csvOf } from './csv.js';
import type { Table } from './table.js';

export const FILE_FORMATS = ['csv', 'xlsx', 'pdf'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

interface Writer {
  readonly mediaType: string;
  readonly write: (table: Table) => Promise<Buffer>;
}

/** Their libraries are large, and a node that writes no report need not load them. */
export const WRITERS: Readonly<Record<FileFormat, Writer>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', write: (table) => Promise.resolve(csvOf(table)) },
  xlsx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    write: async (table) => (await import('./xlsx.js')).xlsxOf(table),
  },
  pdf: { mediaType: 'application/pdf', write: async (table) => (await import('./pdf.js')).pdfOf(table) },
};
