import { Fault } from '../../message/fault.js';

/** Undoes a Content-Transfer-Encoding (RFC 2045 §6). Throws mime-malformed for one that is not known. */
export function decodeTransfer(bytes: Buffer, encoding: string | undefined, part: number): Buffer {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case '7bit':
    case '8bit':
    case 'binary':
      return bytes;
    case 'base64':
      return Buffer.from(bytes.toString('latin1'), 'base64');
    case 'quoted-printable':
      return Buffer.from(unquote(bytes.toString('latin1')), 'latin1');
    default:
      throw new Fault('mime-malformed', {
        detail: 'The Content-Transfer-Encoding is not known.',
        place: `part ${part}`,
        expected: '7bit, 8bit, binary, base64, quoted-printable',
      });
  }
}

/** RFC 2045 §6.7: blanks before a line break are not content, and `=` before one joins the lines. */
function unquote(text: string): string {
  return text
    .split('\r\n')
    .map((line) => line.trimEnd())
    .join('\r\n')
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
