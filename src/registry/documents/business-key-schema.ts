import { closed } from './receiving-schema.js';

const id = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$', description: 'letters, digits, _ . -' };
const text = { type: 'string', minLength: 1 };
const path = { ...text, maxLength: 512 };
/** Of a service: how people know its messages. */
export const businessKey = {
  ...closed(
    {
      name: id,
      label: closed({ it: { ...text, maxLength: 100 }, en: { ...text, maxLength: 100 } }, ['it', 'en']),
      kind: { enum: ['fiscal-code', 'protocol-number', 'dossier-id', 'other'], description: 'default other' },
      xpath: { ...path, description: 'XPath 1.0 to nodes of an XML payload, from its root element' },
      namespaces: { type: 'object', additionalProperties: text, description: 'prefix of the XPath -> namespace' },
      jsonPath: { ...path, description: 'RFC 9535, to values of a JSON payload' },
    },
    ['name', 'label'],
  ),
  anyOf: [{ required: ['xpath'] }, { required: ['jsonPath'] }],
  dependentRequired: { namespaces: ['xpath'] },
};
