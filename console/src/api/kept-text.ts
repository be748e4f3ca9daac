/** What was being written when a session had ended: for the same operator, at the same page, once. */
export interface KeptText {
  readonly operator: string;
  /** Names the page, with what of its address the text hangs on. */
  readonly page: string;
  readonly text: string;
  /** What the page needs beside it. */
  readonly more: unknown;
}

const KEY = 'crocevia.kept-text';

/** What may hold a secret, or is of a resident, comes into no storage: a reload takes it away. */
let inMemory: KeptText | null = null;

/** In the place of what was kept before. */
export function keepText(kept: KeptText, isSensitive: boolean): void {
  forgetText();
  if (isSensitive) inMemory = kept;
  else storeText(kept);
}

/** There is room for some millions of characters only. */
function storeText(kept: KeptText): void {
  try {
    window.sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    inMemory = kept;
  }
}

export function keptText(): KeptText | null {
  return inMemory ?? (JSON.parse(window.sessionStorage.getItem(KEY) ?? 'null') as KeptText | null);
}

export function forgetText(): void {
  inMemory = null;
  window.sessionStorage.removeItem(KEY);
}
