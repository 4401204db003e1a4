import type { AvroNode, RecordNode } from './resolve.ts';

/**
 * Fewest bytes a value of each type can take: 0 for null and for records of nothing but such
 * fields, Infinity for a record that contains itself without a way out. Block counts of arrays and
 * maps are checked against it. The smallest solution is found by repetition from above, because
 * types may name each other in circles.
 */
export function smallestSizes(root: AvroNode): (node: AvroNode) => number {
  const records = recordsOf(root);
  const known = new Map<RecordNode, number>();
  const size = (node: AvroNode): number => {
    switch (node.kind) {
      case 'null':
        return 0;
      case 'float':
        return 4;
      case 'double':
        return 8;
      case 'fixed':
        return node.size;
      case 'union':
        return 1 + node.branches.reduce((least, branch) => Math.min(least, size(branch)), Infinity);
      case 'record':
        return known.get(node) ?? Infinity;
      default:
        return 1;
    }
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const record of records) {
      const next = record.fields.reduce((sum, field) => sum + size(field.node), 0);
      if (next !== (known.get(record) ?? Infinity)) changed = true;
      known.set(record, next);
    }
  }
  return size;
}

/** All records of a schema, inner before outer, so that the repetition above ends soon. */
function recordsOf(root: AvroNode): readonly RecordNode[] {
  const seen = new Set<RecordNode>();
  const found: RecordNode[] = [];
  const visit = (node: AvroNode): void => {
    if (node.kind === 'array') visit(node.items);
    else if (node.kind === 'map') visit(node.values);
    else if (node.kind === 'union') node.branches.forEach(visit);
    else if (node.kind === 'record' && !seen.has(node)) {
      seen.add(node);
      for (const field of node.fields) visit(field.node);
      found.push(node);
    }
  };
  visit(root);
  return found;
}
