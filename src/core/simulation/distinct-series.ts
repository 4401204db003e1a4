import { components, DISTINCT } from '../evidence/components.ts';
import { extendReference, prepareReference, type Reference } from '../evidence/reference.ts';
import { standardScores } from '../evidence/standard-scores.ts';
import type { Random } from '../random.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';

/**
 * Standard scores of the number of different values in windows of a category that does not change, each against all
 * windows before it, from the 21st on. Windows have 1,000 rows, or with `sizes` that many times exp(-sizes) to
 * exp(sizes). A row repeats the one before it with probability `repeat`.
 */
export function distinctScores(args: {
  random: Random;
  windows: number;
  values: number;
  sizes: number;
  repeat: number;
}): number[] {
  const { random, windows, sizes } = args;
  const drawn = () =>
    distinctWindow({ ...args, rows: Math.round(ROWS * Math.exp(sizes * (2 * random() - 1))) });
  let reference: Reference = prepareReference({
    id: 'r',
    kind: 'categorical',
    season: 'none',
    frozen: false,
    windows: Array.from({ length: LEARNED }, (_, startMs) => ({ startMs, pane: drawn() })),
  });
  const found: number[] = [];
  for (let at = 0; at < windows; at += 1) {
    const pane = drawn();
    const window = components({ plan: reference.plan, pane });
    const scores = standardScores({ window, season: 0, baseline: reference.baseline });
    found.push(...scores.flatMap(({ name, z }) => (name === DISTINCT ? [z] : [])));
    reference = extendReference(reference, { startMs: LEARNED + at, pane });
  }
  return found;
}

/** Half the rows have one of four values with bins of their own, the others one of `values`, which share a bin. */
export function distinctWindow(args: {
  random: Random;
  values: number;
  rows: number;
  repeat?: number;
}): PaneCounts {
  const { random, values, rows, repeat = 0 } = args;
  const seen = new Set<number>();
  const counts = [0, 0, 0, 0, 0];
  let value = -1;
  for (let at = 0; at < rows; at += 1) {
    if (value < 0 || repeat === 0 || random() >= repeat)
      value = random() < 0.5 ? Math.floor(4 * random()) : 4 + Math.floor(values * random());
    seen.add(value);
    counts[Math.min(4, value)] = (counts[Math.min(4, value)] ?? 0) + 1;
  }
  return { n: rows, codes: [0, 1, 2, 3, 4], counts, finite: 0, total: 0, squares: 0, distinct: seen.size };
}

const ROWS = 1_000;
/** Windows that are learned before the first is scored. */
const LEARNED = 20;
