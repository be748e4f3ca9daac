import { MAX_HEADER_BYTES, mimeMalformed, readDelimiter, readHeaders, requireBoundary, tooComplex } from './parts.js';

/** What a reader of parts is told, in order; offsets are bytes from the start of the body. */
export interface PartListener {
  begin(headers: ReadonlyMap<string, string>, number: number, offset: number): void;
  data(bytes: Buffer): void;
  end(offset: number): void;
}

const END_OF_HEADERS = '\r\n\r\n';
/** Bytes after a boundary that decide whether it is a delimiter. */
const LOOK_AHEAD = 128;

/**
 * Splits a multipart body while it comes (RFC 2046 §5.1.1), as strictly as `splitParts` does one that is all there, and
 * holds no more than the headers of one part. Throws mime-malformed, and too-complex over `maxParts` parts.
 */
export class PartReader {
  private readonly mark: Buffer;
  private state: 'before' | 'head' | 'data' | 'after' = 'before';
  /** Not judged yet; it begins at `offset`. The body may begin with a delimiter, so a line end is put before it. */
  private pending: Buffer = Buffer.from('\r\n');
  private offset = -2;
  /** Bytes at the start of `pending` that belong to what was before it. */
  private skip = 2;
  private parts = 0;

  constructor(
    boundary: string | undefined,
    private readonly listener: PartListener,
    private readonly maxParts: number,
  ) {
    this.mark = Buffer.from(`\r\n--${requireBoundary(boundary)}`, 'latin1');
  }

  write(chunk: Buffer): void {
    if (this.state === 'after') return;
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    this.read(false);
  }

  finish(): void {
    this.read(true);
    if (this.state === 'after') return;
    if (this.state === 'before')
      throw mimeMalformed('The boundary does not occur in the body.', 'body', this.mark.toString('latin1').trim());
    throw mimeMalformed(`Part ${this.parts} does not end.`, 'body', `${this.mark.toString('latin1').trim()}--`);
  }

  private read(isLast: boolean): void {
    while (this.state === 'head' ? this.readHead() : this.state !== 'after' && this.readData(isLast));
  }

  /** False where more bytes are needed. */
  private readHead(): boolean {
    const isBare = this.pending[0] === 0x0d && this.pending[1] === 0x0a;
    const end = isBare ? -2 : this.pending.indexOf(END_OF_HEADERS);
    if (end > MAX_HEADER_BYTES || (end === -1 && this.pending.length > MAX_HEADER_BYTES))
      throw tooComplex(`header bytes in part ${this.parts}`, MAX_HEADER_BYTES);
    if (end === -1 || this.pending.length < 2) return false;
    const block = isBare ? Buffer.alloc(0) : this.pending.subarray(0, end);
    if (this.isDelimited(end)) throw this.headless();
    this.take(end + 2);
    this.skip = 2;
    this.state = 'data';
    this.listener.begin(readHeaders(block.toString('latin1'), this.parts), this.parts, this.offset + 2);
    return true;
  }

  /** True where a delimiter comes before the end of the headers; a line that only begins like one is none. */
  private isDelimited(end: number): boolean {
    for (let at = this.pending.indexOf(this.mark); at >= 0 && at < end; at = this.pending.indexOf(this.mark, at + 1))
      if (readDelimiter(this.pending, at, at + this.mark.length, false)) return true;
    return false;
  }

  /** Hands on what can be no part of a delimiter. False where more bytes are needed. */
  private readData(isLast: boolean): boolean {
    let at = this.pending.indexOf(this.mark);
    for (; at >= 0; at = this.pending.indexOf(this.mark, at + this.mark.length)) {
      const after = at + this.mark.length;
      if (!isLast && this.pending.length < after + LOOK_AHEAD && this.pending.indexOf('\r\n', after) < 0) break;
      const delimiter = readDelimiter(this.pending, at, after, isLast);
      if (!delimiter) continue;
      this.close(at);
      this.take(delimiter.end - at);
      this.begin(delimiter.last);
      return true;
    }
    this.hand(at >= 0 ? at : Math.max(0, this.pending.length - this.mark.length));
    return false;
  }

  private begin(isEnd: boolean): void {
    this.state = isEnd ? 'after' : 'head';
    if (isEnd) return;
    if (this.parts === this.maxParts) throw tooComplex('parts', this.maxParts);
    this.parts++;
  }

  private close(at: number): void {
    const isPart = this.state === 'data';
    if (isPart && at < this.skip) throw this.headless();
    this.hand(at);
    if (isPart) this.listener.end(this.offset);
  }

  private hand(count: number): void {
    const from = Math.min(this.skip, count);
    if (this.state === 'data' && count > from) this.listener.data(this.pending.subarray(from, count));
    this.skip -= from;
    this.take(count);
  }

  private take(count: number): void {
    this.pending = this.pending.subarray(count);
    this.offset += count;
  }

  private headless = () =>
    mimeMalformed('The headers do not end.', `part ${this.parts}`, 'headers, an empty line, the content');
}
