/** One member of a JSON object: where its value stands in the text. */
export interface Member {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const BLANK = /[ \t\r\n]*/y;

/**
 * The members at the top of a JSON text that is known to be well-formed, in order; null where it is no object. Values
 * keep their own bytes: numbers are not rewritten, and a big `data` is not parsed again.
 */
export function topMembers(text: string): readonly Member[] | null {
  const members: Member[] = [];
  let at = afterBlank(text, 0);
  if (text[at] !== '{') return null;
  at = afterBlank(text, at + 1);
  while (text[at] === '"') {
    const nameEnd = stringEnd(text, at);
    const start = afterBlank(text, afterBlank(text, nameEnd) + 1);
    const end = valueEnd(text, start);
    members.push({ name: JSON.parse(text.slice(at, nameEnd)) as string, start, end });
    at = afterBlank(text, end);
    if (text[at] === ',') at = afterBlank(text, at + 1);
  }
  return members;
}

function afterBlank(text: string, at: number): number {
  BLANK.lastIndex = at;
  BLANK.exec(text);
  return BLANK.lastIndex;
}

/** After the closing quote: the first one with an even number of backslashes before it. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

const MARK = /["{}[\]]/g;

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[')
    return start + (/^[^,}\s]*/.exec(text.slice(start, start + 400))?.[0].length ?? 0);
  let depth = 0;
  MARK.lastIndex = start;
  for (let mark = MARK.exec(text); mark; mark = MARK.exec(text)) {
    if (mark[0] === '"') MARK.lastIndex = stringEnd(text, mark.index);
    else depth += mark[0] === '{' || mark[0] === '[' ? 1 : -1;
    if (depth === 0) return mark.index + 1;
  }
  return text.length;
}
