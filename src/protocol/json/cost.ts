import type { SchemaBundle } from '../../message/document.js';
import { UNBOUNDED, type Cost } from '../cost-bound.js';
import { at, isSchema, sameValue, type Placed, type Schema } from './applied.js';
import { Circles } from './circles.js';
import { preparedOf, schemasIn } from './prepared.js';

/** Characters and patterns of schema that are compiled in some tenths of a second. */
const MOST_TEXT = 65_536;
const MOST_PATTERNS = 50;
/** Of items that may be equal: every pair is compared. */
const PAIRS: Cost = { factor: 0.05, degree: 2 };

/** How long a validation against a JSON Schema may take. Throws what `preparedOf` throws. */
export function jsonCost(bundle: SchemaBundle): Cost {
  const text = Object.values(bundle.documents).join('\n');
  const patterns = text.match(/"pattern(?:Properties)?"\s*:/g)?.length ?? 0;
  if (text.length > MOST_TEXT || patterns > MOST_PATTERNS) return UNBOUNDED;
  const { start, documents } = preparedOf(bundle);
  const factor = new Applications(documents).worst({ schema: start, root: start });
  const pairs = [...documents.values()].some((schema) => comparesPairs(schema));
  return pairs ? { ...PAIRS, factor: PAIRS.factor * factor } : { factor, degree: 1 };
}

const SCALARS: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'null'];

function comparesPairs(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { uniqueItems, items } = schema as Schema;
  if (uniqueItems === true && !(isSchema(items) && SCALARS.includes(items['type']))) return true;
  return schemasIn(schema as Schema).some((inner) => comparesPairs(inner));
}

/** The ways from one schema to others: each for the same value, or for a member or an item of it that no other way meets. */
interface Ways {
  readonly same: readonly Placed[];
  readonly below: readonly (readonly Placed[])[];
}

/** How often one value of a document may be checked: once for each way that leads to it. */
class Applications {
  private readonly ways = new Map<Schema, Ways>();
  private readonly heres = new Map<Schema, number>();
  private readonly worsts = new Map<Schema, number>();
  private readonly circles: Circles<Schema>;

  constructor(private readonly documents: ReadonlyMap<string, Schema>) {
    this.circles = new Circles((schema) =>
      targetsOf(this.ways.get(schema)!).map((one) => (this.note(one), one.schema)),
    );
  }

  /** Infinity where a schema comes back to itself by more than one way for the same value: each level multiplies. */
  worst(placed: Placed): number {
    const { schema } = placed;
    this.note(placed);
    const known = this.worsts.get(schema);
    if (known !== undefined) return known;
    const ways = this.ways.get(schema)!;
    const back = (one: Placed) => this.circles.share(schema, one.schema);
    const returns = [...ways.same.map((one) => [one]), ...ways.below].filter((group) => group.some(back));
    const onward = targetsOf(ways).filter((one) => !back(one));
    const made =
      returns.length > 1 ? Infinity : this.here(placed) * Math.max(1, ...onward.map((one) => this.worst(one)));
    this.worsts.set(schema, made);
    return made;
  }

  /** Schemas that check the same value. */
  private here({ schema }: Placed): number {
    const known = this.heres.get(schema);
    if (known !== undefined) return known;
    this.heres.set(schema, 1);
    const made = Math.max(
      1,
      this.ways.get(schema)!.same.reduce((sum, one) => (this.note(one), sum + this.here(one)), 0),
    );
    this.heres.set(schema, made);
    return made;
  }

  private note(placed: Placed): void {
    const { schema } = placed;
    if (!this.ways.has(schema))
      this.ways.set(schema, { same: sameValue(placed, this.documents), below: groupsOf(placed) });
  }
}

const targetsOf = ({ same, below }: Ways): readonly Placed[] => [...same, ...below.flat()];

/** The schemas for members and items; of those in one group one value meets one at most. */
function groupsOf({ schema, root }: Placed): readonly (readonly Placed[])[] {
  const members = (word: string) => (isSchema(schema[word]) ? Object.values(schema[word]) : []);
  const lists = (word: string) => (Array.isArray(schema[word]) ? (schema[word] as unknown[]) : []);
  const objects = [...members('properties'), schema['additionalProperties'], schema['unevaluatedProperties']];
  const items = [schema['items'], ...lists('items'), ...lists('prefixItems'), schema['additionalItems']];
  const found = [
    [...objects, ...items, schema['unevaluatedItems']],
    ...members('patternProperties').map((one) => [one]),
    [schema['contains']],
    [schema['propertyNames']],
  ];
  return found
    .map((group) => group.flatMap((one) => (isSchema(one) ? at(one, root) : [])))
    .filter((group) => group.length > 0);
}
