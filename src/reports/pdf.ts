import PDFDocument from 'pdfkit';
import type { Table, Value } from './table.js';

const MARGIN = 36;
const ROW = 16;
const SIZE = { title: 14, text: 8 };
/** What the built-in fonts of PDF can write (WinAnsi, near enough). */
const UNWRITABLE = /[^\x20-\x7e\u00a0-\u00ff\u2013\u2014\u2018\u2019\u201c\u201d\u20ac]/g;

/** A4 across, the head of the table on every page. */
export function pdfOf(table: Table): Promise<Buffer> {
  const document = new PDFDocument({ size: 'A4', layout: 'landscape', margin: MARGIN, info: { Title: table.title } });
  const written = new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const heading = `${table.title}, ${table.from} – ${table.to}`;
  document.font('Helvetica-Bold').fontSize(SIZE.title).text(writable(heading), MARGIN, MARGIN);
  writeRows(document, table);
  document.end();
  return written;
}

function writeRows(document: PDFKit.PDFDocument, { columns, rows }: Table): void {
  const width = (document.page.width - 2 * MARGIN) / columns.length;
  const line = (values: readonly Value[], y: number, font: string) => {
    document.font(font).fontSize(SIZE.text);
    for (const [at, value] of values.entries())
      document.text(shown(value), MARGIN + at * width, y, {
        width: width - 4,
        height: ROW - 4,
        ellipsis: true,
        align: typeof value === 'number' ? 'right' : 'left',
      });
  };
  const head = (y: number) => {
    line(
      columns.map(({ title }) => title),
      y,
      'Helvetica-Bold',
    );
    return y + ROW;
  };
  let y = head(MARGIN + 2 * ROW);
  for (const row of rows) {
    if (y + ROW > document.page.height - MARGIN) {
      document.addPage();
      y = head(MARGIN);
    }
    line(row, y, 'Helvetica');
    y += ROW;
  }
}

const shown = (value: Value): string => writable(value === null ? '–' : String(value));
const writable = (text: string): string => text.replace(UNWRITABLE, '?');
