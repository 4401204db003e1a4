import { MAX_FLOAT32 } from './bins.ts';
import type { BinnedTree } from './grow-tree.ts';
import type { Tree } from './model.ts';

/**
 * A tree over bins as a tree over values, `edges` being the upper edges of the bins of each column. A node that divides categories becomes
 * a chain of nodes, one for each run of neighbouring bins on the same side, that share its two children: a child can
 * have several parents, all but one by their left. The runtime takes this form of tree and walks it as the others.
 */
export function thresholdTree(tree: BinnedTree, edges: readonly Float32Array[]): Tree {
  const column = [...tree.column];
  const threshold = tree.bin.map((bin, node) =>
    tree.left[node] === -1 ? 0 : (edges[column[node] ?? 0]?.[bin] ?? MAX_FLOAT32),
  );
  const missingLeft = [...tree.missingLeft];
  const left = [...tree.left];
  const right = [...tree.right];
  const value = [...tree.value];
  tree.subset.forEach((subset, divider) => {
    if (subset === undefined) return;
    const [inside = -1, outside = -1] = [tree.left[divider], tree.right[divider]];
    const ends = [...subset.keys()].filter(
      (bin) => bin + 1 < subset.length && subset[bin] !== subset[bin + 1],
    );
    let node = divider;
    ends.forEach((end, at) => {
      const last = at === ends.length - 1;
      const inSet = subset[end] === 1;
      threshold[node] = edges[tree.column[divider] ?? 0]?.[end] ?? MAX_FLOAT32;
      left[node] = inSet ? inside : outside;
      right[node] = last ? (inSet ? outside : inside) : column.length;
      if (last) return;
      node = column.length;
      column.push(tree.column[divider] ?? 0);
      threshold.push(0);
      missingLeft.push(tree.missingLeft[divider] ?? false);
      left.push(-1);
      right.push(-1);
      value.push(0);
    });
  });
  return { column, threshold, missingLeft, left, right, value };
}
