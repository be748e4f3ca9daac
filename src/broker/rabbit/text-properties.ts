/** Headers that RabbitMQ adds. */
const BROKERS_OWN = ['x-delivery-count', 'x-death'];

/** The headers of a message that are text or can be written as it; lower-case names. */
export function textHeaders(table: Readonly<Record<string, unknown>>): Record<string, string> {
  const simple = Object.entries(table).filter(
    ([name, value]) => !BROKERS_OWN.includes(name) && ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(simple.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
