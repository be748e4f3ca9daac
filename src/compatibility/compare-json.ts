import type { SchemaBundle } from '../message/document.js';
import { Compared, type Say } from './change.js';
import { compareFacets, compareRules, compareValues } from './facets.js';
import { JsonSchemas, type JsonNode, type JsonView } from './json-schema.js';

type Nodes = readonly JsonNode[];

/** What became narrower or wider in a JSON Schema; places are `/a/b`, items `/a/[]`, other members `/a/*`. */
export function compareJsonSchemas(before: SchemaBundle, after: SchemaBundle, say: Say): void {
  if (before.key === after.key) return;
  new JsonComparison(new JsonSchemas(before), new JsonSchemas(after), say).run();
}

class JsonComparison {
  private readonly compared = new Compared();

  constructor(
    private readonly old: JsonSchemas,
    private readonly now: JsonSchemas,
    private readonly say: Say,
  ) {}

  run(): void {
    this.compare(this.old.root, this.now.root, '');
  }

  private compare(before: Nodes, after: Nodes, place: string): void {
    if (!this.compared.first(before.map(identity), after.map(identity))) return;
    const [old, now] = [this.old.view(before), this.now.view(after)];
    const at = place || '/';
    compareTypes(old, now, at, this.say);
    compareValues(old.values, now.values, at, this.say);
    compareFacets(old.facets, now.facets, at, this.say);
    compareRules('pattern', old.patterns, now.patterns, at, this.say);
    compareRules('format', old.formats, now.formats, at, this.say);
    compareRules('rule', old.others, now.others, at, (kind, breaking, where, message) =>
      this.say(kind, breaking, where, message.length <= 300 ? message : `${message.slice(0, 299)}…`),
    );
    this.compareMembers(old, now, place);
    this.compareInside('items', old.items, now.items, `${place}/[]`);
    this.compareAlternatives(old, now, place);
  }

  private compareMembers(old: JsonView, now: JsonView, place: string): void {
    const names = new Set([old, now].flatMap(({ properties, required }) => [...properties.keys(), ...required]));
    for (const name of names) this.compareMember(name, old, now, `${place}/${name}`);
    this.compareInside('other members', old.additional, now.additional, `${place}/*`);
  }

  private compareMember(name: string, old: JsonView, now: JsonView, place: string): void {
    const [before, after] = [old.properties.get(name), now.properties.get(name)];
    const [wasRequired, isRequired] = [old.required.has(name), now.required.has(name)];
    if (before && !after) return this.say('removed', true, place, 'The member is gone.');
    if (after && !before && !wasRequired)
      return this.say('added', isRequired, place, `The member is new and ${isRequired ? 'required' : 'optional'}.`);
    if (isRequired !== wasRequired)
      this.say('changed', isRequired, place, `The member is now ${isRequired ? 'required' : 'optional'}.`);
    if (before && after) this.compare(before, after, place);
  }

  /** No schema means that everything is right there. */
  private compareInside(what: string, before: Nodes, after: Nodes, place: string): void {
    const [wasFree, isFree] = [isFreeFor(before), isFreeFor(after)];
    if (wasFree && isFree) return;
    if (isFree) return this.say('changed', false, place, `Any ${what} may stand here now.`);
    if (wasFree || isClosed(after) !== isClosed(before))
      return this.say(
        'changed',
        !isClosed(before),
        place,
        `The rules for ${what} are ${isClosed(before) ? 'wider' : 'tighter'}.`,
      );
    if (!isClosed(after)) this.compare(before, after, place);
  }

  private compareAlternatives(old: JsonView, now: JsonView, place: string): void {
    const at = place || '/';
    const [before, after] = [old.alternatives, now.alternatives];
    if (after.length > before.length) this.say('added', true, at, 'Alternatives are new: one of them must fit.');
    if (after.length < before.length) this.say('removed', false, at, 'Alternatives are gone: none must fit any more.');
    if (after.length === before.length)
      before.forEach((list, index) => this.compareChoices(list, after[index] ?? [], place));
  }

  /** Alternatives that are not alike are compared in their order. */
  private compareChoices(before: Nodes, after: Nodes, place: string): void {
    const texts = (nodes: Nodes, schemas: JsonSchemas) =>
      nodes.map(({ schema, document }) => schemas.text(schema, document));
    const [was, is] = [texts(before, this.old), texts(after, this.now)];
    const gone = before.filter((_, index) => !is.includes(was[index] ?? ''));
    const fresh = after.filter((_, index) => !was.includes(is[index] ?? ''));
    const at = place || '/';
    gone.forEach((node, index) => {
      const other = fresh[index];
      if (other) this.compare([node], [other], place);
      else this.say('removed', true, at, 'An alternative is gone.');
    });
    fresh.slice(gone.length).forEach(() => this.say('added', false, at, 'An alternative is new.'));
  }
}

const TRUE = {};
const FALSE = {};
const identity = ({ schema }: JsonNode): object => (typeof schema === 'object' ? schema : schema ? TRUE : FALSE);

const isFreeFor = (nodes: Nodes) =>
  nodes.every(({ schema }) => schema === true || (typeof schema === 'object' && Object.keys(schema).length === 0));
const isClosed = (nodes: Nodes) => nodes.some(({ schema }) => schema === false);

function compareTypes({ types: before }: JsonView, { types: after }: JsonView, place: string, say: Say): void {
  if (!before && !after) return;
  if (!after) return say('removed', false, place, 'A value of any type is right now.');
  if (!before) return say('added', true, place, `Only ${[...after].join(', ')} is right now.`);
  const covers = (types: ReadonlySet<string>, type: string) =>
    types.has(type) || (type === 'integer' && types.has('number'));
  const gone = [...before].filter((type) => !covers(after, type));
  const fresh = [...after].filter((type) => !covers(before, type));
  if (gone.length > 0) say('changed', true, place, `The type ${gone.join(', ')} is no longer right.`);
  if (fresh.length > 0) say('changed', false, place, `The type ${fresh.join(', ')} is right now.`);
}
