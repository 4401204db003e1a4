import { randomBelow } from '../../random.ts';
import { joined, longBytes, textBytes } from './avro-writer.ts';
import { END } from './example.ts';
import type { Family } from './hostile.ts';
import { LEAF, treeOf } from './tree.ts';

/**
 * Nodes inside nodes inside nodes: up to 40 levels are read, thousands are refused. Between them lies the
 * limit, which is not a matter of right and wrong.
 */
export const deepRecursion: Family = {
  name: 'deep-recursion',
  make(random) {
    const deep = random() < 0.5;
    const levels = deep ? 200 + Math.floor(20_000 * random() ** 4) : randomBelow(random, 40);
    const way = randomBelow(random, 3);
    const [before, after] = WAYS[way] ?? WAYS[0];
    const node = joined([...Array(levels).fill(before), LEAF, ...Array(levels).fill(after)]);
    return { value: treeOf(node), truth: deep ? 'dead-letter' : 'row' };
  },
};

/** Bytes of a node before and after the one node in it: as next, as a child, under a name. */
const WAYS = [
  [joined([END, longBytes(1)]), joined([END, END])],
  [joined([END, longBytes(0), longBytes(1)]), joined([END, END])],
  [joined([END, longBytes(0), END, longBytes(1), textBytes('n')]), END],
] as const;
