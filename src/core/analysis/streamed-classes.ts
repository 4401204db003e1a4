import { likeliestClasses } from '../performance/class-scores.ts';
import { type Measured, meanOf } from '../performance/measured.ts';
import { classLosses, type RowScores } from '../performance/row-loss.ts';
import type { CurvePoint } from './calibration-curve.ts';
import { binnedCurve, binOf, emptyBins, type ScoreBins } from './score-bins.ts';
import type { ScoredBlock, ScoresResult } from './streamed-scores.ts';
import { addRow, dailyResiduals, intervalsOf, type StreamedSums, startSums } from './streamed-sums.ts';

/** What is kept of all rows that a model of classes has answered so far. Plain data that `addClasses` changes. */
export interface StreamedClasses {
  readonly classes: readonly string[];
  readonly sums: StreamedSums;
  /** Rows by the class that was said and the class that came, `classes` to a line. */
  readonly confusion: Float64Array;
  /** Of each class against the rest: rows by its probability, and the sum of these. */
  readonly bins: readonly { readonly counts: ScoreBins; readonly said: Float64Array }[];
}

/** Nothing read yet. */
export function startClasses(args: {
  classes: readonly string[];
  seed: number;
  draws?: number;
}): StreamedClasses {
  const { classes } = args;
  return {
    classes,
    sums: startSums({ ...args, size: OWN + PER_CLASS * classes.length }),
    confusion: new Float64Array(classes.length ** 2),
    bins: classes.map(() => ({ counts: emptyBins(BINS), said: new Float64Array(BINS) })),
  };
}

/** Takes in a block of rows: probabilities of the classes row after row, labels as places among them. */
export function addClasses(state: StreamedClasses, block: ScoredBlock): void {
  const width = state.classes.length;
  const answers: RowScores = { scores: block.predictions, width };
  const losses = classLosses(answers, block.labels);
  const likeliest = likeliestClasses(answers);
  for (const [row, loss] of losses.entries()) {
    const came = block.labels[row] ?? Number.NaN;
    const said = likeliest[row] ?? -1;
    if (Number.isNaN(loss) || said < 0 || came >= width) continue;
    const right = said === came ? 1 : 0;
    const gap = right - (block.predictions[row * width + said] ?? 0);
    addRow(state.sums, {
      parts: [
        [N, 1],
        [LOSS, loss],
        [RIGHT, right],
        [GAP, gap],
        [GAP_SQUARES, gap * gap],
        [OWN + PER_CLASS * came + CAME, 1],
        [OWN + PER_CLASS * said + SAID, 1],
        ...(right === 1 ? [[OWN + PER_CLASS * said + FOUND, 1] as const] : []),
      ],
      eventTimeMs: block.eventTimesMs[row] ?? 0,
      hash: block.hashes[row] ?? 0,
    });
    const cell = said * width + came;
    state.confusion[cell] = (state.confusion[cell] ?? 0) + 1;
    for (const [at, { counts, said: sum }] of state.bins.entries()) {
      const probability = block.predictions[row * width + at] ?? 0;
      const bin = binOf(probability, BINS);
      const side = counts[at === came ? 'ones' : 'zeros'];
      side[bin] = (side[bin] ?? 0) + 1;
      sum[bin] = (sum[bin] ?? 0) + probability;
    }
  }
}

/**
 * Log-loss, accuracy of the likeliest class, macro F1 (the mean over classes that came or were said) and recall and precision
 * of every class; the confusion; calibration of every class against the rest, by 1,024 bins of log-odds; and by day what the
 * likeliest class came more often than its probability said. Macro F1 counts a rare class as much as a frequent
 * one and jumps where a class has few rows: look at their n.
 */
export function classesResult(state: StreamedClasses): ScoresResult {
  const { classes, sums, confusion } = state;
  const n = sums.whole[N] ?? 0;
  const width = classes.length;
  return {
    rows: n,
    days: sums.days.size,
    metrics: intervalsOf(sums, n, (some) => metricsOf(classes, some)),
    classes: {
      classes,
      counts: classes.map((_, said) => Array.from(confusion.subarray(said * width, (said + 1) * width))),
    },
    residuals: dailyResiduals(sums, { n: N, total: GAP, squares: GAP_SQUARES }),
    calibration: state.bins.flatMap(({ counts, said }, at): CurvePoint[] =>
      binnedCurve(counts, said).map((point) => ({ ...point, of: classes[at] ?? '' })),
    ),
  };
}

function metricsOf(classes: readonly string[], sums: Float64Array): Readonly<Record<string, Measured>> {
  const of = (at: number): number => sums[at] ?? 0;
  const n = of(N);
  let [scores, counted] = [0, 0];
  const each: [string, Measured][] = classes.flatMap((name, at): [string, Measured][] => {
    const own = OWN + PER_CLASS * at;
    const [came, said, found] = [of(own + CAME), of(own + SAID), of(own + FOUND)];
    if (came + said > 0) {
      scores += (2 * found) / (came + said);
      counted += 1;
    }
    return [
      [`recall of ${name}`, meanOf(found, came)],
      [`precision of ${name}`, meanOf(found, said)],
    ];
  });
  const f1 = meanOf(scores, counted);
  return {
    'log-loss': meanOf(of(LOSS), n),
    accuracy: meanOf(of(RIGHT), n),
    'macro F1': f1.status === 'ok' ? { ...f1, n } : f1,
    ...Object.fromEntries(each),
  };
}

const [N, LOSS, RIGHT, GAP, GAP_SQUARES, OWN] = [0, 1, 2, 3, 4, 5];
const [CAME, SAID, FOUND, PER_CLASS] = [0, 1, 2, 3];
const BINS = 1_024;
