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
      return fromBase64(bytes.toString('latin1'), part);
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

/** RFC 2045 §6.8: foreign characters tell of damage; left out silently, they would make two messages look like one. */
function fromBase64(text: string, part: number): Buffer {
  const packed = text.replace(/[\r\n\t ]+/g, '');
  if (packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return Buffer.from(packed, 'base64');
  throw noBase64(part);
}

const noBase64 = (part: number) =>
  new Fault('mime-malformed', { detail: 'The part is no base64.', place: `part ${part}`, expected: 'base64' });

/** RFC 2045 §6.7: blanks before a line break are not content, and `=` before one joins the lines. */
function unquote(text: string): string {
  return text
    .split('\r\n')
    .map((line) => line.trimEnd())
    .join('\r\n')
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Undoes a transfer encoding of a part while it comes. `end` throws where the part is not whole. */
export interface TransferDecoder {
  write(chunk: Buffer): Buffer;
  end(): void;
}

/** Throws mime-malformed, also for quoted-printable: what is large is not text. */
export function transferDecoder(encoding: string | null, part: number): TransferDecoder {
  if (encoding === null || ['7bit', '8bit', 'binary'].includes(encoding))
    return { write: (chunk) => chunk, end: () => undefined };
  if (encoding === 'base64') return base64Decoder(part);
  throw new Fault('mime-malformed', {
    detail: 'The Content-Transfer-Encoding is not known, or none of a large part.',
    place: `part ${part}`,
    expected: '7bit, 8bit, binary, base64',
  });
}

function base64Decoder(part: number): TransferDecoder {
  let left = '';
  let isPadded = false;
  return {
    write: (chunk) => {
      const text = left + chunk.toString('latin1').replace(/[\r\n\t ]+/g, '');
      if (isPadded && text !== '') throw noBase64(part);
      const whole = text.length - (text.length % 4);
      left = text.slice(whole);
      isPadded = text[whole - 1] === '=';
      return fromBase64(text.slice(0, whole), part);
    },
    end: () => {
      if (left !== '') throw noBase64(part);
    },
  };
}
