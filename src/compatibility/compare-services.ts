import type { SchemaBundle } from '../message/document.js';
import type { Operation, Service } from '../registry/model.js';
import type { RestParameter } from '../registry/rest-binding.js';
import type { InterfaceChange, Say } from './change.js';
import { compareJsonSchemas } from './compare-json.js';
import { compareXsd } from './compare-xsd.js';
import { xsdReader } from './xsd-schema.js';

/** What is compared of a service. Plain data: it can be sent to a thread. */
export type Comparable = Pick<Service, 'operations' | 'maxBytes'>;

/**
 * What a sender that keeps to `before` meets in `after`. Payloads and parameters are compared, answers are not. Where
 * schemas differ and cannot be compared (xs:redefine, too big) that is one breaking change of its own.
 */
export function compareServices(before: Comparable, after: Comparable): readonly InterfaceChange[] {
  const changes: InterfaceChange[] = [];
  const sayOf =
    (operation: string | null): Say =>
    (kind, breaking, place, message) =>
      changes.push({ kind, breaking, operation, place, message });
  if (before.maxBytes !== after.maxBytes)
    sayOf(null)('changed', after.maxBytes < before.maxBytes, 'maxBytes', valueChanged(before.maxBytes, after.maxBytes));
  const schemasOf = xsdReader();
  for (const old of before.operations) {
    const now = after.operations.find(({ name }) => name === old.name);
    if (now) compareOperations(old, now, sayOf(old.name), schemasOf);
    else sayOf(old.name)('removed', true, 'operations', `The operation ${old.name} is gone.`);
  }
  for (const { name } of after.operations)
    if (!before.operations.some((old) => old.name === name))
      sayOf(name)('added', false, 'operations', `The operation ${name} is new.`);
  return changes;
}

const valueChanged = (before: unknown, after: unknown) => `It was ${String(before)} and is ${String(after)}.`;

function compareOperations(
  before: Operation,
  after: Operation,
  say: Say,
  schemasOf: ReturnType<typeof xsdReader>,
): void {
  compareName('profile', before.profile, after.profile, say);
  compareName('soapAction', before.soapAction, after.soapAction, say);
  compareName('element', clark(before), clark(after), say);
  compareName('rest', address(before), address(after), say);
  compareName('eventType', before.eventType, after.eventType, say);
  compareParameters(before, after, say);
  const { element } = after;
  comparePayload('xsd', before.xsd, after.xsd, say, (old, now, inside) => {
    if (element && clark(before) === clark(after)) compareXsd(old, now, element, inside, schemasOf);
  });
  comparePayload('json', before.jsonSchema, after.jsonSchema, say, compareJsonSchemas);
}

const clark = ({ element }: Operation) => element && `{${element.namespace}}${element.name}`;
/** The name of a variable is no part of an address. */
const address = ({ rest }: Operation) =>
  rest && `${rest.method} ${rest.path.replace(/\{[^}]*\}/g, '{}').replace(/\/$/, '')}`;

function compareName(place: string, before: string | null, after: string | null, say: Say): void {
  if (before === after) return;
  if (before === null) say('added', false, place, `It is ${after} now.`);
  else if (after === null) say('removed', true, place, `It was ${before}.`);
  else say('changed', true, place, valueChanged(before, after));
}

function compareParameters({ rest: before }: Operation, { rest: after }: Operation, say: Say): void {
  if (!before || !after) return;
  if (!before.bodyRequired && after.bodyRequired) say('changed', true, 'rest: body', 'The body is required now.');
  const [old, now] = [named(before.parameters), named(after.parameters)];
  for (const [place, parameter] of now) {
    const known = old.get(place);
    if (known) compareParameter(known, parameter, place, say);
    else
      say(
        'added',
        parameter.required,
        place,
        `The parameter is new and ${parameter.required ? 'required' : 'optional'}.`,
      );
  }
  for (const place of old.keys()) if (!now.has(place)) say('removed', true, place, 'The parameter is gone.');
}

/** By place. A variable of the path is known by where it stands there, whatever it is called. */
const named = (parameters: readonly RestParameter[] = []): ReadonlyMap<string, RestParameter> =>
  new Map(parameters.filter((one) => one.in !== 'path').map((one) => [`rest: ${one.in} ${one.name}`, one]));

function compareParameter(before: RestParameter, after: RestParameter, place: string, say: Say): void {
  if (before.required !== after.required)
    say('changed', after.required, place, `The parameter is now ${after.required ? 'required' : 'optional'}.`);
  if (before.schema && after.schema) comparePayload(place, before.schema, after.schema, say, compareJsonSchemas);
}

function comparePayload(
  what: string,
  before: SchemaBundle | null,
  after: SchemaBundle | null,
  say: Say,
  compare: (before: SchemaBundle, after: SchemaBundle, say: Say) => void,
): void {
  if (!before && !after) return;
  if (!before) return say('added', false, what, 'A payload in this format is right now.');
  if (!after) return say('removed', true, what, 'A payload in this format is no longer right.');
  try {
    compare(before, after, (kind, breaking, place, message) => say(kind, breaking, `${what}: ${place}`, message));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say('changed', true, what, `The schemas differ and cannot be compared: ${reason}`);
  }
}
