import type { InterfaceFiles } from '../interface-files.js';
import { lineAt, type Severity } from '../interface-problem.js';
import { attributeOf, childrenNamed, descendants, qnameOf, type Markup } from './markup.js';
import type { SchemaDocuments } from './schema-documents.js';
import { declaredElements } from './schema-names.js';
import { byQName, named, WSDL, type Definitions, type Named } from './wsdl-definitions.js';

type Say = (definitions: Definitions, element: Markup, severity: Severity, message: string, hint: string) => void;

/**
 * Notes where a WSDL contradicts itself or its schemas. What travels in the Body must be declared; a header, a fault or a
 * message that no operation uses need not be.
 */
export function checkWsdl(all: readonly Definitions[], schemas: SchemaDocuments, { problem }: InterfaceFiles): void {
  const say: Say = ({ path, text }, element, severity, message, hint) =>
    problem(message, hint, { file: path, line: lineAt(text, element.start), severity });
  checkReferences(all, say);
  if (!schemas.isRead) return;
  const documents = [...schemas.documents.values()];
  const declared = declaredElements(documents.map(({ root }) => root));
  const missing = missingNamespaces(schemas);
  const carried = carriedMessages(all);
  const headers = headerParts(all);
  for (const { element: message, definitions } of named(all, 'message'))
    for (const part of childrenNamed(message, WSDL, 'part')) {
      const value = attributeOf(part, 'element');
      if (value === null) continue;
      const { namespace, name } = qnameOf(part, value);
      if (declared.has(`{${namespace}}${name}`) || declared.has(`{*}${name}`) || missing.has(namespace)) continue;
      const isBody =
        carried.has(message) && !headers.has(`${attributeOf(message, 'name')} ${attributeOf(part, 'name')}`);
      const said = `no schema declares the element {${namespace}}${name} of message ${attributeOf(message, 'name')}`;
      say(
        definitions,
        part,
        isBody ? 'error' : 'warning',
        said,
        'correct the part, or add the schema that declares it',
      );
    }
}

/** Namespaces that are imported and of which no document is at hand: that has been said already. */
function missingNamespaces({ documents }: SchemaDocuments): ReadonlySet<string> {
  const known = new Set([...documents.values()].map(({ namespace }) => namespace));
  const imported = [...documents.values()].flatMap(({ references }) =>
    references.flatMap(({ element, kind, namespace, target }) =>
      kind === 'import' && target === null && attributeOf(element, 'schemaLocation') !== null ? namespace : [],
    ),
  );
  return new Set(imported.filter((namespace) => !known.has(namespace)));
}

const inputsAndOutputs = (portType: Named) =>
  childrenNamed(portType.element, WSDL, 'operation').flatMap((operation) =>
    operation.children.filter(({ namespace, name }) => namespace === WSDL && ['input', 'output'].includes(name)),
  );

function carriedMessages(all: readonly Definitions[]): ReadonlySet<Markup> {
  const messages = named(all, 'message');
  const carried = named(all, 'portType')
    .flatMap(inputsAndOutputs)
    .map((one) => byQName(messages, qnameOf(one, attributeOf(one, 'message') ?? '')));
  return new Set(carried.filter((message) => message !== null));
}

/** `message part` of everything that a binding puts into the Header. */
function headerParts(all: readonly Definitions[]): ReadonlySet<string> {
  const headers = named(all, 'binding').flatMap(({ element }) =>
    [...descendants(element)].filter(({ name, namespace }) => name === 'header' && namespace !== WSDL),
  );
  return new Set(
    headers.map((header) => {
      const { name } = qnameOf(header, attributeOf(header, 'message') ?? '');
      return `${name} ${attributeOf(header, 'part')}`;
    }),
  );
}

function checkReferences(all: readonly Definitions[], say: Say): void {
  const [messages, portTypes] = [named(all, 'message'), named(all, 'portType')];
  for (const { element, definitions } of named(all, 'binding')) {
    const type = attributeOf(element, 'type') ?? '';
    if (!byQName(portTypes, qnameOf(element, type)))
      say(definitions, element, 'error', `there is no portType ${type}`, 'correct the type of the binding');
  }
  for (const portType of portTypes)
    for (const one of inputsAndOutputs(portType)) {
      const message = attributeOf(one, 'message');
      if (message === null)
        say(portType.definitions, one, 'warning', `${one.name} names no message`, 'leave it out where nothing travels');
      else if (!byQName(messages, qnameOf(one, message)))
        say(portType.definitions, one, 'error', `there is no message ${message}`, `correct the ${one.name}`);
    }
}
