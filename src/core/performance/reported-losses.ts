import type { LabelTask } from '../contract/label-task.ts';
import type { Task } from '../models/model.ts';
import { type Measured, meanOf } from './measured.ts';
import type { RowScores } from './row-loss.ts';
import { isLabel, taskLosses } from './task-losses.ts';

/** What the mean of reportedLosses is called, for a person. */
export const MEASURES: Readonly<Record<Task, string>> = {
  classification: 'log-loss',
  multiclass: 'log-loss',
  regression: 'mean squared error',
};

/**
 * Loss of every row as it is told to a person: log-loss in nats of a probability and of probabilities of classes, but
 * squared error (label's unit squared) of a number, which needs no variance to be taken by. Labels of classes are
 * places among those of the task, in the order of the answers. NaN where the label is none or the answer is not one. Misleads
 * when tasks are compared: for that all have a log-loss, see taskLosses.
 */
export function reportedLosses(args: {
  task: LabelTask;
  answers: RowScores;
  labels: ArrayLike<number>;
}): Float64Array {
  const { task, answers, labels } = args;
  const { scores } = answers;
  if (task.kind === 'regression')
    return Float64Array.from(labels, (label, row) => ((scores[row] ?? Number.NaN) - label) ** 2);
  const losses = taskLosses({ task, answers, labels });
  return losses.map((loss, row) => {
    const isProbability = task.kind === 'multiclass' || isShare(scores[row] ?? Number.NaN);
    return isProbability && isLabel(task, labels[row] ?? Number.NaN) ? loss : Number.NaN;
  });
}

/** Mean loss of the rows that have one. */
export function meanLossOf(losses: Float64Array): Measured {
  let [sum, n] = [0, 0];
  for (const loss of losses) {
    if (Number.isNaN(loss)) continue;
    sum += loss;
    n += 1;
  }
  return meanOf(sum, n);
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}
