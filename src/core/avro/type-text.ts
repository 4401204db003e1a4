import type { AvroNode } from './resolve.ts';
import { withoutNull } from './resolve.ts';

/**
 * One short text per Avro type, as contracts, findings and column types use it: `double`,
 * `timestamp-millis`, `decimal(10,2)`, `array<double?>`, `map<string>`, `enum`, `fixed(16)`,
 * `record`, `string|double`. A `?` marks a nullable inner type. Logical types that change nothing
 * about how a value is read are named too; what an enum's symbols are is not part of the text.
 */
export function typeText(node: AvroNode): string {
  switch (node.kind) {
    case 'array':
      return `array<${innerText(node.items)}>`;
    case 'map':
      return `map<${innerText(node.values)}>`;
    case 'union':
      return node.branches.map(typeText).join('|');
    case 'record':
    case 'enum':
      return node.kind;
    case 'fixed':
      return decimalText(node) ?? `fixed(${node.size})`;
    default:
      return decimalText(node) ?? node.logical?.name ?? node.kind;
  }
}

function innerText(node: AvroNode): string {
  const inner = withoutNull(node);
  if (inner.node.kind === 'union') return typeText(inner.node);
  return `${typeText(inner.node)}${inner.nullable ? '?' : ''}`;
}

function decimalText(node: Extract<AvroNode, { kind: 'fixed' | 'bytes' }> | AvroNode): string | undefined {
  if (node.kind !== 'fixed' && node.kind !== 'bytes') return undefined;
  if (node.logical?.name !== 'decimal') return undefined;
  return `decimal(${node.logical.precision},${node.logical.scale})`;
}
