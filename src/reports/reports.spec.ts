import { inflateRawSync } from 'node:zlib';
import { csvOf } from './csv.js';
import { pdfOf } from './pdf.js';
import { harmless, type Table } from './table.js';
import { xlsxOf } from './xlsx.js';

const EVIL = '=HYPERLINK("http://x","y")';
const table = (rows: Table['rows']): Table => ({
  title: 'Crocevia: volumes by participant',
  from: '2026-11-01',
  to: '2026-11-30',
  columns: ['participant', 'name', 'messages'].map((name) => ({ name, title: name })),
  rows,
});

/** Files of a ZIP archive by name, for archives whose sizes stand in the central directory. */
function unzip(archive: Buffer): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((place) => archive.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(start, start + size);
    const text = (method === 8 ? inflateRawSync(bytes) : bytes).toString();
    files.set(archive.subarray(at + 46, at + 46 + name).toString(), text);
    at += 46 + name + extra + comment;
  }
  return files;
}

describe('formats of reports', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '  =1'])('7: %j is no formula', (text) => {
    expect(harmless(text)).toBe(`'${text}`);
    expect(csvOf(table([[text, null, 1]])).toString()).toContain(`'${text.trimEnd()}`);
  });

  it('7: CSV quotes what it must, and numbers stay numbers', () => {
    const lines = csvOf(
      table([
        ['c_i804', 'Comune di "Sulmona", AQ', -3],
        ['x', null, 0.5],
      ]),
    ).toString();
    expect(lines).toBe('\ufeffparticipant,name,messages\r\nc_i804,"Comune di ""Sulmona"", AQ",-3\r\nx,,0.5\r\n');
  });

  it.each([
    ["x;=cmd|'/C calc'!A0;y", "x;'=cmd|'/C calc'!A0;y"],
    ['x\t"+1', 'x\t"\'+1'],
    ['a; -b', "a; '-b"],
  ])('7: %j is no formula where commas are decimal', (text, safe) => expect(harmless(text)).toBe(safe));

  it('7: XLSX has text as text, numbers as numbers and no formula', async () => {
    const files = unzip(await xlsxOf(table([['c_i804', EVIL, 42]])));
    const sheet = files.get('xl/worksheets/sheet1.xml')!;
    const all = [...files.values()].join('');
    expect(sheet).toContain('<v>42</v>');
    expect(sheet).not.toContain('<f>');
    expect(all).toMatch(/('|&apos;|&#39;|&#x27;)=HYPERLINK/);
  });

  it('7: PDF has as many pages as its lines need', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => [`c_${n}`, 'Città di “prova” – Ω', n]);
    const pdf = (await pdfOf(table(rows))).toString('latin1');
    expect(pdf.startsWith('%PDF-1.')).toBe(true);
    expect(pdf.match(/\/Type \/Page\b/g)).toHaveLength(4);
    expect(pdf.trimEnd().endsWith('%%EOF')).toBe(true);
  });
});
