/** `Prefer: wait=10` (RFC 7240 §4.3) in milliseconds; null where no wait is preferred. */
export function preferredWaitMs({ prefer = '' }: Readonly<Record<string, string>>): number | null {
  const seconds = Number(/(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])/i.exec(prefer)?.[1]);
  return seconds > 0 ? seconds * 1000 : null;
}
