import { misfit } from './misfit.js';
import { resolveName, type Declaration, type SchemaSet } from './schema-set.js';
import type { AttributeShape, SimpleType } from './shape.js';
import { child, simpleTypeNamed, simpleTypeOf } from './simple-type.js';
import { attribute } from './xml.js';

const ANY: SimpleType = { scalar: 'string', whiteSpace: 'preserve' };

/** The attributes that a complexType, extension, restriction or attributeGroup declares. */
export function readAttributes(from: Declaration, schemas: SchemaSet): readonly AttributeShape[] {
  const found = from.node.children.flatMap((node) => {
    if (node.name === 'attributeGroup') return groupOf({ ...from, node }, schemas);
    const prohibited = attribute(node, 'use') === 'prohibited';
    return node.name === 'attribute' && !prohibited ? [attributeOf({ ...from, node }, schemas)] : [];
  });
  if (new Set(found.map(({ name }) => name)).size < found.length)
    throw misfit('Two attributes have one name in JSON.', from.schema.document);
  return found;
}

function groupOf(from: Declaration, schemas: SchemaSet): readonly AttributeShape[] {
  const name = resolveName(attribute(from.node, 'ref') ?? '', from);
  return readAttributes(schemas.get('attributeGroup', name, from.schema), schemas);
}

function attributeOf(from: Declaration, schemas: SchemaSet): AttributeShape {
  const { node, schema } = from;
  const required = attribute(node, 'use') === 'required';
  const reference = attribute(node, 'ref');
  if (reference !== undefined) {
    const name = resolveName(reference, from);
    const global = schemas.find('attribute', name);
    return { ...name, required, type: global ? typeOf(global, schemas) : ANY };
  }
  const form = attribute(node, 'form');
  const qualified = form === undefined ? schema.qualified.attribute : form === 'qualified';
  const name = attribute(node, 'name') ?? '';
  return { namespace: qualified ? schema.targetNamespace : '', name, required, type: typeOf(from, schemas) };
}

function typeOf(from: Declaration, schemas: SchemaSet): SimpleType {
  const inline = child(from.node, 'simpleType');
  if (inline) return simpleTypeOf({ ...from, node: inline }, schemas);
  const type = attribute(from.node, 'type');
  return type === undefined ? ANY : simpleTypeNamed(resolveName(type, from), from, schemas);
}
