import { DriftwatchError } from '../../errors.ts';
import type { AvroDefinition, AvroField, AvroObject } from './definition.ts';
import { isPrimitive, type Primitive } from './definition.ts';
import { fullName } from './names.ts';

/**
 * A schema with its references replaced by what they name. Records may contain themselves, so this
 * is a graph: visit it with a depth or a set of the seen.
 */
export type AvroNode =
  | { readonly kind: Primitive; readonly logical?: Logical }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number; readonly logical?: Logical }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroNode }
  | { readonly kind: 'map'; readonly values: AvroNode }
  | { readonly kind: 'union'; readonly branches: readonly AvroNode[] }
  | RecordNode;

export interface RecordNode {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: readonly FieldNode[];
}
export interface FieldNode {
  readonly name: string;
  readonly node: AvroNode;
  readonly field: AvroField;
}
export interface Logical {
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
}

/** Throws INVARIANT_BROKEN for a name nobody defined: decodeDefinition comes first. */
export function resolveDefinition(definition: AvroDefinition): AvroNode {
  return resolve(definition, '', new Map());
}

/** A union of null and one other type is that type, nullable; everything else is as it is. */
export function withoutNull(node: AvroNode): { readonly nullable: boolean; readonly node: AvroNode } {
  if (node.kind !== 'union') return { nullable: false, node };
  const others = node.branches.filter((branch) => branch.kind !== 'null');
  const [only] = others;
  if (others.length !== 1 || only === undefined)
    return { nullable: others.length < node.branches.length, node };
  return { nullable: node.branches.length === 2, node: only };
}

function resolve(definition: AvroDefinition, namespace: string, names: Map<string, AvroNode>): AvroNode {
  if (typeof definition === 'string') return reference(definition, namespace, names);
  if (isUnion(definition))
    return { kind: 'union', branches: definition.map((branch) => resolve(branch, namespace, names)) };
  switch (definition.type) {
    case 'record': {
      const [name, inner] = scope(definition.name, definition.namespace ?? namespace);
      const fields: FieldNode[] = [];
      const node: RecordNode = { kind: 'record', name, fields };
      names.set(name, node); // before its fields, which may name it
      for (const field of definition.fields)
        fields.push({ name: field.name, node: resolve(field.type, inner, names), field });
      return node;
    }
    case 'enum': {
      const [name] = scope(definition.name, definition.namespace ?? namespace);
      return remember(names, name, { kind: 'enum', name, symbols: definition.symbols });
    }
    case 'fixed': {
      const [name] = scope(definition.name, definition.namespace ?? namespace);
      return remember(names, name, { kind: 'fixed', name, size: definition.size, ...logicalOf(definition) });
    }
    case 'array':
      return { kind: 'array', items: resolve(definition.items, namespace, names) };
    case 'map':
      return { kind: 'map', values: resolve(definition.values, namespace, names) };
    default:
      return { kind: definition.type, ...logicalOf(definition) };
  }
}

function reference(name: string, namespace: string, names: ReadonlyMap<string, AvroNode>): AvroNode {
  if (isPrimitive(name)) return { kind: name };
  const node = names.get(fullName(name, namespace)) ?? names.get(name);
  if (node !== undefined) return node;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The Avro type "${name}" is used but not defined.`,
    next: 'Read schemas with decodeDefinition before they are used.',
  });
}

function remember(names: Map<string, AvroNode>, name: string, node: AvroNode): AvroNode {
  names.set(name, node);
  return node;
}

/** Full name, and the namespace of the types inside. */
function scope(name: string, namespace: string): readonly [string, string] {
  const full = fullName(name, namespace);
  return [full, full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : ''];
}

function logicalOf(definition: AvroObject): { readonly logical?: Logical } {
  const name = definition['logicalType'];
  if (typeof name !== 'string') return {};
  return { logical: { name, precision: whole(definition['precision']), scale: whole(definition['scale']) } };
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}

function isUnion(definition: AvroDefinition): definition is readonly AvroDefinition[] {
  return Array.isArray(definition);
}
