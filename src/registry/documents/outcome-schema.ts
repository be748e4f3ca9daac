/** The rules by which a system's answers are read, in the schema of the registry documents. */
export const outcomes = {
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
