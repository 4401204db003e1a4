import type { Limits } from '../evidence/window-judgement.ts';
import { seededRandom } from '../random.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';
import { categoricalShape, countRows, type FeatureShape, moveRows, numericShape } from './features.ts';
import { ROWS } from './quiet-year.ts';
import { latentRows } from './rows.ts';
import { type Cell, judgeCell, openCell } from './run-system.ts';

/** What happens to one feature. */
export interface Change {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly shift?: number;
  readonly spread?: number;
  /** Share of all rows that move from the first to the second of ten equal categories. */
  readonly moved?: number;
}

export const CHANGES: readonly Change[] = [
  { name: 'no change', kind: 'numeric' },
  { name: 'mean 0.1 sd', kind: 'numeric', shift: 0.1 },
  { name: 'mean 0.25 sd', kind: 'numeric', shift: 0.25 },
  { name: 'mean 0.5 sd', kind: 'numeric', shift: 0.5 },
  { name: 'spread x1.15', kind: 'numeric', spread: 1.15 },
  { name: 'spread x1.5', kind: 'numeric', spread: 1.5 },
  { name: 'category 5%', kind: 'categorical', moved: 0.05 },
];

/**
 * One fresh reference and history, then each change in turn from the same point: the window, 1 and up, in which the
 * system first pages, or 0 when it did not within `until`. `learned` windows come before the change; 0 changes
 * the first window after the reference.
 */
export function measurePower(args: {
  seed: number;
  memory: number;
  reference: number;
  learned: number;
  until: number;
  limits: Limits;
}): readonly { change: string; found: number; firstP: number }[] {
  const random = seededRandom(args.seed);
  const sample = new Float64Array(args.reference);
  const draws = {
    numeric: latentRows({ random, memory: args.memory }),
    categorical: latentRows({ random, memory: args.memory }),
  };
  draws.numeric(sample);
  const numeric = openCell({ shape: numericShape(sample), rows: sample });
  draws.categorical(sample);
  const categorical = openCell({ shape: categoricalShape(new Array<number>(10).fill(1)), rows: sample });
  const cells = { numeric, categorical };
  const rows = new Float64Array(ROWS);
  const step = (cell: Cell, window: number, change: Change) => {
    draws[change.kind](rows);
    const pane = changed({ shape: cell.shape, rows, change, random });
    return judgeCell({ cell, pane, startMs: window * HOUR, limits: args.limits })[0];
  };
  for (let window = 0; window < args.learned; window += 1)
    for (const kind of ['numeric', 'categorical'] as const) step(cells[kind], window, { name: '', kind });
  return CHANGES.map((change) => {
    const cell: Cell = { ...cells[change.kind] };
    let [found, firstP] = [0, 1];
    for (let at = 1; at <= args.until && found === 0; at += 1) {
      const judgement = step(cell, args.learned + at - 1, change);
      if (judgement === undefined || judgement.verdict === 'insufficient') continue;
      if (at === 1) firstP = judgement.pValue;
      if (judgement.channel === 'window' || judgement.channel === 'windows') found = at;
    }
    return { change: change.name, found, firstP };
  });
}

function changed(args: {
  shape: FeatureShape;
  rows: Float64Array;
  change: Change;
  random: () => number;
}): PaneCounts {
  const { shape, rows, change } = args;
  const { shift = 0, spread = 1, moved = 0 } = change;
  const pane = countRows({ shape, rows, shift, spread });
  if (moved === 0) return pane;
  // Every row of the first category moves with the same chance, so the shares move by `moved` on average.
  let count = 0;
  for (let row = 0; row < (pane.counts[0] ?? 0); row += 1) if (args.random() < moved * shape.bins) count += 1;
  return moveRows({ shape, pane, from: 0, to: 1, rows: count });
}

const HOUR = 3_600_000;
