import { type Dataset, takeRows } from '../models/dataset.ts';
import type { Model, Trained } from '../models/model.ts';
import { predict, predictClasses } from '../models/predict.ts';
import { sampleRows } from '../models/sample.ts';
import { isLabel } from '../models/usable-rows.ts';
import { rowLogLoss } from '../performance/row-log-loss.ts';
import { type Random, seededRandom } from '../random.ts';
import type { TimeFold } from './time-folds.ts';

export type Evaluation =
  | {
      readonly status: 'measured';
      readonly loss: number;
      readonly n: number;
      readonly folds: readonly number[];
    }
  | { readonly status: 'failed'; readonly why: string };

/**
 * Trains on a share of every fold's training rows and measures on all of its validation rows: mean log-loss in
 * nats for classification, mean squared error for regression, over the rows of all folds together. Rows
 * without a usable label are not measured on. The sample of a fold depends on the seed and the share alone,
 * so candidates are compared on the same rows.
 */
export function evaluateCandidate(args: {
  dataset: Dataset;
  folds: readonly TimeFold[];
  share: number;
  seed: number;
  train: (rows: Dataset, random: Random) => Trained;
}): Evaluation {
  const { dataset, share, seed } = args;
  const means: number[] = [];
  let sum = 0;
  let n = 0;
  for (const [at, fold] of args.folds.entries()) {
    const rows = fold.training.slice();
    const count = sampleRows(rows, share, seededRandom(seed + at));
    const trained = args.train(takeRows(dataset, rows.subarray(0, count)), seededRandom(seed));
    if (trained.status === 'insufficient') {
      const need = `${trained.have} of ${trained.need} needed`;
      return { status: 'failed', why: `too few ${trained.reason} in fold ${at + 1}: ${need}` };
    }
    const measured = lossOver(trained.model, takeRows(dataset, fold.validation));
    if (measured.n === 0)
      return { status: 'failed', why: `fold ${at + 1} has no labelled row to measure on` };
    sum += measured.sum;
    n += measured.n;
    means.push(measured.sum / measured.n);
  }
  if (n === 0) return { status: 'failed', why: 'there are too few rows for a single fold' };
  return { status: 'measured', loss: sum / n, n, folds: means };
}

function lossOver(model: Model, rows: Dataset): { sum: number; n: number } {
  const { task } = model;
  const classes = task === 'multiclass' ? predictClasses(model, rows) : [];
  const answers = task === 'multiclass' ? new Float32Array(0) : predict(model, rows);
  let sum = 0;
  let n = 0;
  rows.label.forEach((label, row) => {
    if (!isLabel(label, task)) return;
    const answer = answers[row] ?? Number.NaN;
    if (task === 'multiclass') sum += rowLogLoss(classes[label]?.[row] ?? 0, 1);
    else sum += task === 'classification' ? rowLogLoss(answer, label) : (answer - label) ** 2;
    n += 1;
  });
  return { sum, n };
}
