import type { PushDestination } from './model.js';

/** Characters that a server may take for a slash, and with them for another path. */
const HIDDEN_SLASH = /%2f|%5c/i;

/**
 * The callback that covers an address, with the address normalised (dot segments resolved) in place of its own; null where none does: an
 * address is covered where it has the origin of a callback and its path, or one below it.
 */
export function callbackFor(address: string, callbacks: readonly PushDestination[]): PushDestination | null {
  if (!URL.canParse(address)) return null;
  const asked = new URL(address);
  const isPlain = asked.username === '' && asked.password === '' && asked.hash === '';
  if (!isPlain || HIDDEN_SLASH.test(asked.pathname)) return null;
  const found = callbacks.find(({ url }) => URL.canParse(url) && covers(new URL(url), asked));
  return found ? { ...found, url: asked.href } : null;
}

const covers = (callback: URL, { origin, pathname }: URL): boolean =>
  callback.origin === origin &&
  (callback.pathname === pathname || pathname.startsWith(callback.pathname.replace(/\/?$/, '/')));
