import type { RetrainRule, RetrainView, WindowExcess } from '../incidents/retrain-rules.ts';
import { windowsWith } from '../incidents/retrain-view.ts';
import type { Dataset } from '../models/dataset.ts';
import { trainLogisticRegression } from '../models/logistic-regression.ts';
import type { Model } from '../models/model.ts';
import { predict } from '../models/predict.ts';
import { rowLogLoss } from '../performance/row-log-loss.ts';
import type { PolicyWindow } from './policy-streams.ts';

export interface PolicyRun {
  readonly rows: number;
  /** Mean log-loss over all rows, nats. */
  readonly loss: number;
  readonly retrains: number;
  readonly releases: number;
  /** Loss above the true probabilities, summed over rows, plus the cost of the retrains; nats. Loss alone where there is no truth. */
  readonly regret: number;
  /** The regret window by window. */
  readonly regrets: readonly number[];
}

/**
 * Lets a rule decide over a stream as driftwatch would: labels come `delay` windows late, a challenger is trained on at
 * most `memory` labelled windows except the newest `validation`, on which it must beat the champion by more than
 * 1.645 standard errors; every retrain costs, also one that is rejected, and after it the rule begins anew.
 */
export function runPolicy(args: {
  windows: readonly PolicyWindow[];
  rule: RetrainRule;
  cost: number;
  /** Windows before the first served one: the first model is trained on them. */
  before: number;
  memory: number;
  validation: number;
  delay: number;
  /**
   * Train from the onset that the rule names as well, where there are rows enough, and take the better of the two on the
   * validation windows.
   */
  fromOnset: boolean;
}): PolicyRun {
  const { windows, before, validation } = args;
  let serving = release(windows.slice(0, before - validation), windows.slice(before - validation, before));
  if (serving === undefined) return { rows: 0, loss: 0, retrains: 0, releases: 0, regret: 0, regrets: [] };
  let [since, begin, retrains, releases] = [0, before, 0, 0];
  let [total, rows] = [0, 0];
  const regrets: number[] = [];
  let last: RetrainView['last'] = 'first';
  let released = false;
  const sizes = windows.map(({ labels }) => labels.length);
  const excess: WindowExcess[] = [];
  const drift: boolean[] = [];
  for (let now = before; now < windows.length; now += 1) {
    const window = windows[now];
    if (window === undefined) break;
    const loss = sum(lossesOf(serving.model, window));
    total += loss;
    rows += window.labels.length;
    const at = regrets.push(loss - bestLoss(window)) - 1;
    since += 1;
    drift.push(hasDrifted(serving.reference, window));
    const known = now - args.delay;
    const labelled = known >= begin ? windows[known] : undefined;
    if (labelled !== undefined) {
      const n = labelled.labels.length;
      const nats = sum(excessesOf(serving.model, labelled)) - n * serving.excess;
      excess.push({ nats, sd: serving.sd * Math.sqrt(n), rows: n });
    }
    const smallest = ROWS_PER_COEFFICIENT * (window.features.length + 1);
    const answer = args.rule({
      ...{ sinceRetrain: since, last, released, excess, drift, cost: args.cost },
      enough: validation + windowsWith(smallest, sizes.slice(0, Math.max(0, known + 1 - validation))),
    });
    if (!answer.retrain) continue;
    retrains += 1;
    regrets[at] = (regrets[at] ?? 0) + args.cost;
    since = 0;
    last = answer.cause;
    const end = known + 1;
    const oldest = Math.max(0, end - args.memory);
    const newest = windows.slice(end - validation, end);
    const train = (from: number): Served | undefined =>
      release(windows.slice(from, end - validation), newest);
    const onset = Math.max(oldest, end - (answer.onset ?? end));
    const enough = rowsOf(windows.slice(onset, end - validation)) >= smallest;
    const candidates = [train(oldest), args.fromOnset && enough && onset > oldest ? train(onset) : undefined];
    const [challenger] = candidates.filter((one) => one !== undefined).sort((a, b) => a.loss - b.loss);
    excess.length = 0;
    begin = now + 1;
    released = challenger !== undefined && beats(challenger.model, serving.model, newest);
    if (challenger === undefined || !released) continue;
    serving = challenger;
    releases += 1;
    drift.length = 0;
  }
  return { rows, loss: total / Math.max(1, rows), retrains, releases, regret: sum(regrets), regrets };
}

interface Served {
  readonly model: Model;
  /** Mean loss on the validation windows. */
  readonly loss: number;
  /** Mean loss above what the predictions imply, as far as it is beyond chance, and the standard deviation of a row's. */
  readonly excess: number;
  readonly sd: number;
  /** Features of the newest training windows, which later ones are compared with. */
  readonly reference: readonly Spread[];
}

function release(training: readonly PolicyWindow[], validation: readonly PolicyWindow[]): Served | undefined {
  const trained = trainLogisticRegression({ train: datasetOf(training) });
  if (trained.status !== 'trained') return undefined;
  const losses = validation.flatMap((window) => [...lossesOf(trained.model, window)]);
  const excesses = validation.flatMap((window) => [...excessesOf(trained.model, window)]);
  const n = Math.max(1, excesses.length);
  const mean = sum(excesses) / n;
  const squares = excesses.reduce((total, one) => total + (one - mean) ** 2, 0);
  const sd = Math.sqrt(squares / Math.max(1, n - 1));
  return {
    model: trained.model,
    loss: sum(losses) / n,
    excess: Math.max(0, mean - (2 * sd) / Math.sqrt(n)),
    sd,
    reference: spreadsOf(training.slice(-REFERENCE_WINDOWS)),
  };
}

function beats(challenger: Model, champion: Model, rows: readonly PolicyWindow[]): boolean {
  const gains = rows.flatMap((window) => {
    const own = lossesOf(challenger, window);
    return [...lossesOf(champion, window)].map((loss, row) => loss - (own[row] ?? 0));
  });
  const mean = sum(gains) / gains.length;
  const squares = gains.reduce((total, gain) => total + (gain - mean) ** 2, 0);
  return mean > 0.001 && mean > 1.645 * Math.sqrt(squares / (gains.length - 1) / gains.length);
}

function lossesOf(model: Model, window: PolicyWindow): Float64Array {
  const answers = predict(model, datasetOf([window]));
  return window.labels.map((label, row) => rowLogLoss(answers[row] ?? 0.5, label));
}

/** Per row: its loss less the loss that its own prediction implies. */
function excessesOf(model: Model, window: PolicyWindow): Float64Array {
  const answers = predict(model, datasetOf([window]));
  return window.labels.map((label, row) => {
    const p = Math.min(1 - SMALLEST, Math.max(SMALLEST, answers[row] ?? 0.5));
    return rowLogLoss(p, label) + p * Math.log(p) + (1 - p) * Math.log1p(-p);
  });
}

function rowsOf(windows: readonly PolicyWindow[]): number {
  return windows.reduce((total, { labels }) => total + labels.length, 0);
}

/** What the true probabilities lose on these labels; 0 where nobody knows them. */
function bestLoss({ truth, labels }: PolicyWindow): number {
  if (truth === undefined) return 0;
  return sum(labels.map((label, row) => rowLogLoss(truth[row] ?? 0.5, label)));
}

/** The mean of some feature is a quarter of a standard deviation from the reference's, and by more than three standard errors. */
function hasDrifted(reference: readonly Spread[], window: PolicyWindow): boolean {
  return window.features.some((values, at) => {
    const before = reference[at];
    if (before === undefined || !(before.sd > 0)) return false;
    const moved = Math.abs(sum(values) / values.length - before.mean) / before.sd;
    return moved > 0.25 && moved > 3 * Math.sqrt(1 / values.length + 1 / before.n);
  });
}

function spreadsOf(windows: readonly PolicyWindow[]): Spread[] {
  return datasetOf(windows).numeric.map(({ values }) => {
    const mean = sum(values) / values.length;
    const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
    return { mean, sd: Math.sqrt(squares / Math.max(1, values.length - 1)), n: values.length };
  });
}

interface Spread {
  readonly mean: number;
  readonly sd: number;
  readonly n: number;
}

function datasetOf(windows: readonly PolicyWindow[]): Dataset {
  const width = windows[0]?.features.length ?? 0;
  const label = joined(windows.map(({ labels }) => labels));
  return {
    rows: label.length,
    numeric: Array.from({ length: width }, (_, at) => ({
      name: `x${at}`,
      values: joined(windows.map(({ features }) => features[at] ?? new Float64Array(0))),
    })),
    categorical: [],
    label,
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const all = new Float64Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Of fewer rows a training from the onset is not tried: three days of validation do not show how it will do later. */
const ROWS_PER_COEFFICIENT = 200;
const SMALLEST = 1e-12;
const REFERENCE_WINDOWS = 5;
