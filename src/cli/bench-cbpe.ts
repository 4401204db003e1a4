import { fileURLToPath } from 'node:url';
import { accuracy } from '../core/performance/accuracy.ts';
import { averagedIsotonic } from '../core/performance/averaged-isotonic.ts';
import { binCalibration } from '../core/performance/bin-calibration.ts';
import { type BinnedCalibration, binnedEstimate } from '../core/performance/binned-estimate.ts';
import {
  type EstimatedPerformance,
  estimatedPerformance,
} from '../core/performance/estimated-performance.ts';
import { rocAuc } from '../core/performance/roc-auc.ts';
import { rowLogLoss } from '../core/performance/row-log-loss.ts';
import { seededRandom, shuffledPositions } from '../core/random.ts';
import { DriftwatchError } from '../errors.ts';
import { readSnapshot } from '../io/files/read-snapshot.ts';
import { printBench, rateOf } from './bench-output.ts';

export interface BenchCbpeFlags {
  readonly seed: number;
  /** The recorded data when absent. */
  readonly file?: string;
  readonly json: boolean;
}

/**
 * `driftwatch bench cbpe`: estimated against realised performance on the employment data, calibrated on its first
 * year. The counted columns are those of the live verdict: predictions in fixed bins. `--seed` shuffles the rows before they are cut into windows of 1,000; 0 keeps the order of the file.
 */
export async function benchCbpe(flags: BenchCbpeFlags): Promise<void> {
  const years = await readYears(flags.file ?? EMPLOYMENT);
  const [first] = years;
  if (first === undefined) throw invalid('it holds no rows');
  const calibrated = averagedIsotonic({ ...first, random: seededRandom(flags.seed) });
  const calibration = binCalibration(first);
  const rows = years.map((year) => {
    const probabilities = Float64Array.from(year.predictions, calibrated);
    const whole = compare({ ...year, probabilities });
    const order = orderOf(year.labels.length, flags.seed);
    const windows: Compared[] = [];
    const counted: CountedLoss[] = [];
    for (let start = 0; start + WINDOW <= order.length; start += WINDOW) {
      const pick = (values: Float64Array): Float64Array =>
        Float64Array.from(order.subarray(start, start + WINDOW), (at) => values[at] ?? Number.NaN);
      const window = { predictions: pick(year.predictions), labels: pick(year.labels) };
      windows.push(compare({ ...window, probabilities: pick(probabilities) }));
      counted.push(countedLoss(window, calibration));
    }
    const loss = countedLoss(year, calibration);
    return {
      year: year.year,
      n: year.labels.length,
      'accuracy realised': whole.accuracy.realised,
      'accuracy estimated': whole.accuracy.estimated,
      'accuracy difference': whole.accuracy.estimated - whole.accuracy.realised,
      'auc realised': whole.auc.realised,
      'auc estimated': whole.auc.estimated,
      'auc difference': whole.auc.estimated - whole.auc.realised,
      'accuracy in band': rateOf(windows.filter((w) => w.accuracy.covered).length, windows.length),
      'auc in band': rateOf(windows.filter((w) => w.auc.covered).length, windows.length),
      'log-loss realised': loss.realised,
      'log-loss counted': loss.estimated,
      'log-loss difference': loss.estimated - loss.realised,
      'accuracy counted difference': loss.accuracy - whole.accuracy.realised,
      'log-loss in counted band': rateOf(counted.filter((w) => w.covered).length, counted.length),
    };
  });
  printBench({
    json: flags.json,
    bench: 'cbpe',
    settings: {
      seed: flags.seed,
      window: WINDOW,
      calibration: `mean of 20 isotonic fits on resamples of ${first.year}`,
    },
    rows,
  });
}

interface Year {
  readonly year: number;
  readonly predictions: Float64Array;
  readonly labels: Float64Array;
}

/** The rows of the file by year, ascending, each in the order of the file. */
export async function readYears(file: string): Promise<Year[]> {
  const { eventTimesMs, dataset } = await readSnapshot(file, {
    id: 'id',
    eventTime: 'year',
    label: 'employed',
    numeric: ['predicted_probability'],
    categorical: [],
  });
  const scores = dataset.numeric[0]?.values ?? new Float64Array(0);
  const positions = new Map<number, number[]>();
  for (const [at, year] of eventTimesMs.entries()) {
    const known = positions.get(year);
    if (known === undefined) positions.set(year, [at]);
    else known.push(at);
  }
  const take = (from: Float64Array, at: readonly number[]): Float64Array =>
    Float64Array.from(at, (row) => from[row] ?? Number.NaN);
  return [...positions]
    .sort(([a], [b]) => a - b)
    .map(([year, at]) => ({ year, predictions: take(scores, at), labels: take(dataset.label, at) }));
}

/** The recorded data that comes with the sources. */
export const EMPLOYMENT = fileURLToPath(
  new URL('../../test/golden/employment/employment_MA.parquet', import.meta.url),
);

interface Compared {
  readonly accuracy: { readonly realised: number; readonly estimated: number; readonly covered: boolean };
  readonly auc: { readonly realised: number; readonly estimated: number; readonly covered: boolean };
}

function compare(args: {
  predictions: Float64Array;
  labels: Float64Array;
  probabilities: Float64Array;
}): Compared {
  const estimated = estimatedPerformance(args);
  const realised = { accuracy: accuracy(args), auc: rocAuc(args) };
  if (estimated.status !== 'ok' || realised.accuracy.status !== 'ok' || realised.auc.status !== 'ok') {
    throw invalid('a window of it has one class only');
  }
  return {
    accuracy: against(estimated.accuracy, realised.accuracy.value),
    auc: against(estimated.auc, realised.auc.value),
  };
}

interface CountedLoss {
  readonly realised: number;
  readonly estimated: number;
  readonly covered: boolean;
  readonly accuracy: number;
}

/** What the live verdict says of these rows, beside the log-loss that they had. */
function countedLoss(
  { predictions, labels }: Pick<Year, 'predictions' | 'labels'>,
  calibration: BinnedCalibration,
): CountedLoss {
  const { counts } = binCalibration({ predictions, labels });
  const said = binnedEstimate({ counts, calibration, minimumRows: 1 });
  if (said.status !== 'ok') throw invalid(`its predictions: ${said.have} of ${said.need} ${said.why}`);
  const sum = predictions.reduce((total, p, row) => total + rowLogLoss(p, labels[row] ?? 0), 0);
  const realised = sum / predictions.length;
  const { value: estimated, low, high } = said.logLoss;
  return {
    realised,
    estimated,
    covered: realised >= low && realised <= high,
    accuracy: said.accuracy.value,
  };
}

function against(
  estimate: Extract<EstimatedPerformance, { status: 'ok' }>['auc'],
  realised: number,
): { realised: number; estimated: number; covered: boolean } {
  if (estimate === undefined) throw invalid('a window of it has one prediction only');
  return {
    realised,
    estimated: estimate.value,
    covered: realised >= estimate.low && realised <= estimate.high,
  };
}

function orderOf(rows: number, seed: number): Uint32Array {
  return seed === 0
    ? Uint32Array.from({ length: rows }, (_, at) => at)
    : shuffledPositions(seededRandom(seed), rows);
}

function invalid(why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `The file cannot be used for this bench: ${why}.`,
    next: 'Give a Parquet file with the columns id, year, employed and predicted_probability.',
  });
}

const WINDOW = 1_000;
