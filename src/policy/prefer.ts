type Headers = Readonly<Record<string, string>>;

/** `Prefer: wait=10` (RFC 7240 §4.3) in milliseconds; null where it is not given. */
export function preferredWaitMs({ prefer = '' }: Headers): number | null {
  const seconds = Number(/(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])/i.exec(prefer)?.[1]);
  return seconds > 0 ? seconds * 1000 : null;
}

/** `Prefer: respond-async` (RFC 7240 §4.1). */
export const prefersLater = ({ prefer = '' }: Headers): boolean =>
  /(?:^|[,;])\s*respond-async\s*(?:$|[,;])/i.test(prefer);
