import { bestSplit, type Split, type SplitRules, type Sums } from './best-split.ts';
import type { SubsetRules } from './best-subset-split.ts';
import { type BinnedColumns, buildHistogram, type Histogram, subtractHistogram } from './histogram.ts';
import { answer, type Bounds, UNBOUNDED } from './leaf-answer.ts';

export interface TreeRules extends SplitRules, SubsetRules {
  /** Splits between the root and a leaf, at most. */
  readonly maxDepth: number;
  readonly maxLeaves: number;
  /** `leaf-wise` splits the leaf with most to gain, `depth-wise` level by level. */
  readonly growth: 'leaf-wise' | 'depth-wise';
  readonly learningRate: number;
}

/** A tree over bin numbers. Node 0 is the root; left = -1 marks a leaf. */
export interface BinnedTree {
  readonly column: readonly number[];
  readonly bin: readonly number[];
  /** Per node that divides categories: 1 for every bin that goes left. */
  readonly subset: readonly (Uint8Array | undefined)[];
  readonly missingLeft: readonly boolean[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** Memory that trees of one training run share. */
export interface TreeMemory {
  readonly rows: Uint32Array;
  readonly spare: Uint32Array;
  readonly scratch: { readonly gradient: Float64Array; readonly curvature: Float64Array };
  readonly free: Histogram[];
}

export function treeMemory(rows: number): TreeMemory {
  return {
    rows: new Uint32Array(rows),
    spare: new Uint32Array(rows),
    scratch: { gradient: new Float64Array(rows), curvature: new Float64Array(rows) },
    free: [],
  };
}

interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly sums: Sums;
  readonly bounds: Bounds;
  /** Penalty of its answer, that of the split above. */
  readonly l2: number;
  histogram: Histogram | undefined;
  split: Split | undefined;
}

/**
 * Grows one regression tree on gradients and curvatures of the rows in memory.rows[0, count).
 * Leaf value = -learningRate * G / (H + l2), with the l2 of the split above, as float32, within what monotone splits above allow. Afterwards memory.rows is grouped by leaf, and
 * `leaves` tells which part belongs to which node. The smaller child's histogram is counted, its sibling's
 * is the difference to the parent's.
 */
export function growTree(args: {
  data: BinnedColumns;
  infinite: readonly boolean[];
  categories: readonly boolean[];
  columns: readonly number[];
  count: number;
  gradient: Float64Array;
  curvature: Float64Array;
  rules: TreeRules;
  memory: TreeMemory;
  /** Per column: 1 when answers may only rise with it, -1 when only fall, 0 when free. */
  directions?: Int8Array | undefined;
}): {
  tree: BinnedTree;
  leaves: readonly { readonly node: number; readonly start: number; readonly end: number }[];
} {
  const { data, columns, rules, memory } = args;
  const subset: (Uint8Array | undefined)[] = [undefined];
  const tree = {
    column: [0],
    bin: [0],
    subset,
    missingLeft: [false],
    left: [-1],
    right: [-1],
    value: [0],
  };
  const root: Leaf = {
    node: 0,
    start: 0,
    end: args.count,
    depth: 0,
    sums: sumRows(args.gradient, args.curvature, memory.rows, args.count),
    bounds: UNBOUNDED,
    l2: rules.l2,
    histogram: undefined,
    split: undefined,
  };
  if (splittable(root, rules)) {
    root.histogram = counted(root);
    findSplit(root);
  }
  const leaves = [root];
  while (leaves.length < rules.maxLeaves) {
    const at = nextLeaf(leaves, rules.growth);
    const leaf = leaves[at];
    if (leaf?.split === undefined) break;
    leaves.splice(at, 1, ...divide(leaf, leaf.split));
  }
  for (const leaf of leaves) {
    const { gradient, curvature } = leaf.sums;
    const { l2 } = leaf;
    tree.value[leaf.node] = Math.fround(
      args.directions === undefined
        ? (-rules.learningRate * gradient) / (curvature + l2)
        : rules.learningRate * answer(gradient, curvature, l2, leaf.bounds),
    );
    release(leaf);
  }
  return { tree, leaves };

  function divide(parent: Leaf, split: Split): [Leaf, Leaf] {
    const middle = partition(parent, split);
    const node = tree.left.length;
    for (let child = 0; child < 2; child += 1) {
      tree.column.push(0);
      tree.bin.push(0);
      tree.subset.push(undefined);
      tree.missingLeft.push(false);
      tree.left.push(-1);
      tree.right.push(-1);
      tree.value.push(0);
    }
    tree.column[parent.node] = split.column;
    tree.bin[parent.node] = split.bin;
    tree.subset[parent.node] = split.subset;
    tree.missingLeft[parent.node] = split.missingLeft;
    tree.left[parent.node] = node;
    tree.right[parent.node] = node + 1;
    const depth = parent.depth + 1;
    const none = { l2: split.l2, histogram: undefined, split: undefined };
    const rest: Sums = {
      gradient: parent.sums.gradient - split.left.gradient,
      curvature: parent.sums.curvature - split.left.curvature,
      rows: parent.sums.rows - split.left.rows,
    };
    const [below, above] = boundsOf(parent.bounds, split, rest);
    const left: Leaf = {
      node,
      start: parent.start,
      end: middle,
      depth,
      sums: split.left,
      bounds: below,
      ...none,
    };
    const right: Leaf = {
      node: node + 1,
      start: middle,
      end: parent.end,
      depth,
      sums: rest,
      bounds: above,
      ...none,
    };
    const [small, large] = left.sums.rows <= right.sums.rows ? [left, right] : [right, left];
    if (splittable(small, rules) || splittable(large, rules)) {
      small.histogram = counted(small);
      if (splittable(large, rules) && parent.histogram !== undefined) {
        subtractHistogram(parent.histogram, small.histogram);
        large.histogram = parent.histogram;
        parent.histogram = undefined;
        findSplit(large);
      }
      if (splittable(small, rules)) findSplit(small);
      else release(small);
    }
    release(parent);
    return [left, right];
  }

  /** A monotone split keeps everything below it on its side of the middle between its two answers. */
  function boundsOf(bounds: Bounds, split: Split, rest: Sums): [Bounds, Bounds] {
    const direction = args.directions?.[split.column] ?? 0;
    if (direction === 0) return [bounds, bounds];
    const middle =
      (answer(split.left.gradient, split.left.curvature, rules.l2, bounds) +
        answer(rest.gradient, rest.curvature, rules.l2, bounds)) /
      2;
    const lower = { low: bounds.low, high: middle };
    const upper = { low: middle, high: bounds.high };
    return direction > 0 ? [lower, upper] : [upper, lower];
  }

  function counted(leaf: Leaf): Histogram {
    const histogram = memory.free.pop() ?? new Float64Array(data.size);
    buildHistogram({
      histogram,
      data,
      columns,
      rows: memory.rows,
      start: leaf.start,
      end: leaf.end,
      gradient: args.gradient,
      curvature: args.curvature,
      scratch: memory.scratch,
    });
    return histogram;
  }

  function findSplit(leaf: Leaf): void {
    if (leaf.histogram === undefined) return;
    leaf.split = bestSplit({
      histogram: leaf.histogram,
      columns,
      offsets: data.offsets,
      binCounts: data.binCounts,
      infinite: args.infinite,
      categories: args.categories,
      node: leaf.sums,
      rules,
      directions: args.directions,
      bounds: leaf.bounds,
    });
    if (leaf.split === undefined) release(leaf);
  }

  function release(leaf: Leaf): void {
    if (leaf.histogram !== undefined) memory.free.push(leaf.histogram);
    leaf.histogram = undefined;
  }

  /** Puts the rows that go left first, keeping their order, and answers where the right ones begin. */
  function partition(leaf: Leaf, split: Split): number {
    const bins = data.bins[split.column] ?? new Uint8Array(0);
    const missingBin = (data.binCounts[split.column] ?? 1) - 1;
    const { subset } = split;
    let left = leaf.start;
    let right = 0;
    for (let at = leaf.start; at < leaf.end; at += 1) {
      const row = memory.rows[at] ?? 0;
      const bin = bins[row] ?? 0;
      const goesLeft =
        bin === missingBin ? split.missingLeft : subset === undefined ? bin <= split.bin : subset[bin] === 1;
      if (goesLeft) memory.rows[left++] = row;
      else memory.spare[right++] = row;
    }
    memory.rows.set(memory.spare.subarray(0, right), left);
    return left;
  }
}

/** Node that a row of bins falls into. */
export function leafOf(tree: BinnedTree, data: BinnedColumns, row: number): number {
  let node = 0;
  for (let left = tree.left[0] ?? -1; left >= 0; left = tree.left[node] ?? -1) {
    const column = tree.column[node] ?? 0;
    const bin = data.bins[column]?.[row] ?? 0;
    const subset = tree.subset[node];
    const goesLeft =
      bin === (data.binCounts[column] ?? 1) - 1
        ? tree.missingLeft[node] === true
        : subset === undefined
          ? bin <= (tree.bin[node] ?? 0)
          : subset[bin] === 1;
    node = goesLeft ? left : (tree.right[node] ?? 0);
  }
  return node;
}

function nextLeaf(leaves: readonly Leaf[], growth: TreeRules['growth']): number {
  let best = -1;
  leaves.forEach((leaf, at) => {
    if (leaf.split === undefined) return;
    const chosen = leaves[best];
    const better =
      growth === 'leaf-wise'
        ? leaf.split.gain > (chosen?.split?.gain ?? -1)
        : leaf.depth < (chosen?.depth ?? Number.POSITIVE_INFINITY);
    if (chosen === undefined || better) best = at;
  });
  return best;
}

function splittable(leaf: Leaf, rules: TreeRules): boolean {
  return leaf.depth < rules.maxDepth && leaf.sums.rows >= 2 * rules.minRowsPerLeaf;
}

function sumRows(gradient: Float64Array, curvature: Float64Array, rows: Uint32Array, count: number): Sums {
  let g = 0;
  let h = 0;
  for (let at = 0; at < count; at += 1) {
    const row = rows[at] ?? 0;
    g += gradient[row] ?? 0;
    h += curvature[row] ?? 0;
  }
  return { gradient: g, curvature: h, rows: count };
}
