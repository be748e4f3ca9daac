/** The same bytes in chunks of just that size; the last one is what is left. */
export async function* chunked(source: AsyncIterable<Buffer>, size: number): AsyncIterable<Buffer> {
  let pieces: Buffer[] = [];
  let held = 0;
  for await (let piece of source) {
    while (held + piece.length >= size) {
      const cut = size - held;
      yield joined(pieces, piece.subarray(0, cut));
      piece = piece.subarray(cut);
      [pieces, held] = [[], 0];
    }
    if (piece.length === 0) continue;
    pieces.push(piece);
    held += piece.length;
  }
  if (held > 0) yield joined(pieces);
}

const joined = (pieces: readonly Buffer[], ...last: readonly Buffer[]) => Buffer.concat([...pieces, ...last]);
