import { type AvroNode, withoutNull } from '../avro/resolve.ts';
import { typeText } from '../avro/type-text.ts';
import type { Kind } from './contract.ts';

/** Kind of a field that states none, from its Avro type; undefined where nothing can be watched. */
export function defaultKind(node: AvroNode): Kind | undefined {
  return kindsOf(node)[0];
}

/** Whether values of this Avro type can be watched as that kind. */
export function kindFits(kind: Kind, node: AvroNode): boolean {
  return kindsOf(node).includes(kind);
}

/** The kinds that fit, the usual one first. */
function kindsOf(node: AvroNode): readonly Kind[] {
  const text = typeText(node);
  if (text.startsWith('decimal(')) return ['numeric'];
  if (TIMES.includes(text)) return ['timestamp', 'numeric'];
  if (text === 'uuid') return ['text', 'categorical'];
  switch (node.kind) {
    case 'boolean':
      return ['boolean', 'categorical', 'numeric'];
    case 'int':
    case 'long':
      return ['numeric', 'categorical', 'boolean', 'timestamp'];
    case 'float':
    case 'double':
      return ['numeric'];
    case 'enum':
      return ['categorical'];
    case 'string':
      return ['categorical', 'text'];
    case 'bytes':
    case 'fixed':
      return ['text'];
    case 'array':
      return isNumber(withoutNull(node.items).node) ? ['embedding'] : [];
    default:
      return [];
  }
}

function isNumber(node: AvroNode): boolean {
  return ['int', 'long', 'float', 'double'].includes(node.kind);
}

const TIMES: readonly string[] = [
  'timestamp-millis',
  'timestamp-micros',
  'local-timestamp-millis',
  'local-timestamp-micros',
  'date',
];
