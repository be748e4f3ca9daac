/** The text without its DOCTYPE, each character of it replaced by a blank so that lines stay where they are. */
export function withoutDoctype(text: string): string {
  const prolog = /^\uFEFF?(?:\s|<!--(?:(?!-->)[^])*-->|<\?(?:(?!\?>)[^])*\?>)*(?=<!DOCTYPE\b)/.exec(text);
  if (!prolog) return text;
  const start = prolog[0].length;
  const end = doctypeEnd(text, start);
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, ' ') + text.slice(end);
}

function doctypeEnd(text: string, start: number): number {
  const parts = /"[^"]*"|'[^']*'|<!--[^]*?-->|[[\]>]/g;
  parts.lastIndex = start;
  let subset = false;
  for (let part = parts.exec(text); part; part = parts.exec(text)) {
    if (part[0] === '[') subset = true;
    else if (part[0] === ']') subset = false;
    else if (part[0] === '>' && !subset) return parts.lastIndex;
  }
  throw new Error('A DOCTYPE does not end');
}
