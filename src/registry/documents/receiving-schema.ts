/** How systems receive, in the schema of the registry documents. */
export const closed = (properties: Record<string, unknown>, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export function when(key: string, value: string, then: unknown) {
  return { if: { properties: { [key]: { const: value } }, required: [key] }, then };
}

const headers = {
  type: 'object',
  additionalProperties: { type: 'string' },
  propertyNames: { pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" },
  description: 'a value env:NAME, or env:NAME|fallback, is read from the environment',
};
export const push = {
  url: { type: 'string', pattern: '^(https?://|env:)', description: 'http(s) address, or env:NAME|fallback' },
  timeoutMs: { type: 'integer', minimum: 100, maximum: 600_000, description: 'default 30000' },
  headers,
};

const common = {
  channel: {},
  shape: { enum: ['original', 'soap11', 'soap12', 'xml', 'json', 'cloudevents'] },
  concurrency: { type: 'integer', minimum: 1, maximum: 1000, description: 'default 4' },
  rate: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    description: 'deliveries a second from each node; default: no limit',
  },
  retry: closed(
    {
      attempts: { type: 'integer', minimum: 1, maximum: 100, description: 'default 8' },
      firstDelayMs: { type: 'integer', minimum: 1, description: 'default 5000' },
      maxDelayMs: { type: 'integer', minimum: 1, description: 'default 1800000' },
    },
    [],
  ),
};

/** The rules by which a system's answers are read. */
const outcomes = {
  type: 'array',
  maxItems: 50,
  description: 'answers of this system that mean something else than the standards say; the first that fits decides',
  items: {
    type: 'object',
    properties: {
      status: { anyOf: [{ type: 'integer', minimum: 200, maximum: 599 }, { enum: ['4xx', '5xx'] }] },
      fault: {
        type: 'string',
        minLength: 1,
        description: 'SOAP fault code or subcode without its prefix, or the type of a problem',
      },
      means: { enum: ['delivered', 'retry', 'refused'] },
    },
    required: ['means'],
    anyOf: [{ required: ['status'] }, { required: ['fault'] }],
    additionalProperties: false,
  },
};

const gzip = {
  type: 'boolean',
  description: 'true: what is pushed to it is packed, with Content-Encoding: gzip; default false',
};

export const receives = {
  type: 'object',
  properties: { channel: { enum: ['push-soap', 'push-rest', 'box', 'amqp-queue'] } },
  required: ['channel'],
  allOf: [
    when('channel', 'push-soap', closed({ ...common, ...push, outcomes, gzip }, ['url'])),
    when('channel', 'push-rest', closed({ ...common, ...push, outcomes, gzip }, ['url'])),
    when('channel', 'box', closed(common, [])),
    when('channel', 'amqp-queue', closed(common, [])),
  ],
};
