import type { AvroDefinition, AvroField } from './definition.ts';

/**
 * The schema without what does not change how bytes are read: docs, defaults, aliases and attributes
 * of others. Names, namespaces and logical types stay, unlike in Avro's parsing canonical form.
 */
export function stripAttributes(definition: AvroDefinition): AvroDefinition {
  if (typeof definition === 'string') return definition;
  if (isUnion(definition)) return definition.map(stripAttributes);
  switch (definition.type) {
    case 'record':
      return { ...named(definition), type: 'record', fields: definition.fields.map(stripField) };
    case 'enum':
      return { ...named(definition), type: 'enum', symbols: definition.symbols };
    case 'fixed':
      return { ...named(definition), type: 'fixed', size: definition.size, ...logical(definition) };
    case 'array':
      return { type: 'array', items: stripAttributes(definition.items) };
    case 'map':
      return { type: 'map', values: stripAttributes(definition.values) };
    default:
      return { type: definition.type, ...logical(definition) };
  }
}

export function stripField({ name, type }: AvroField): AvroField {
  return { name, type: stripAttributes(type) };
}

function named({ name, namespace }: { readonly name: string; readonly namespace?: string }): {
  readonly name: string;
  readonly namespace?: string;
} {
  return namespace === undefined ? { name } : { name, namespace };
}

function logical(definition: { readonly [attribute: string]: unknown }): Record<string, unknown> {
  const kept = ['logicalType', 'precision', 'scale'].filter((key) => definition[key] !== undefined);
  return Object.fromEntries(kept.map((key) => [key, definition[key]]));
}

function isUnion(definition: AvroDefinition): definition is readonly AvroDefinition[] {
  return Array.isArray(definition);
}
