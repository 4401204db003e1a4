import type { LabelTask } from '../contract/label-task.ts';
import { rowLogLoss } from './row-log-loss.ts';
import { classLosses, meanSquaredError, type RowScores, squaredLosses } from './row-loss.ts';

/**
 * Loss per row in nats, the one of its task everywhere: in the gate, in receipts and in what concept drift is found by.
 * Log-loss for 0 and 1 and for classes; for a number that of a normal distribution (`squaredLosses`), by `variance`. Two
 * models are only comparable by one variance: the gate, receipts and experiments take the challenger's mean squared error
 * on its validation rows. NaN where the label is no label of the task, see `isLabel`.
 */
export function taskLosses(args: {
  task: LabelTask;
  /** What was answered: a probability or a number per row, or a probability per class. */
  answers: RowScores;
  /** Classes of the answers in their order; those of the task unless given. */
  classes?: readonly string[] | undefined;
  /** 0 or 1, numbers, or places among the classes of the task. */
  labels: ArrayLike<number>;
  /** Of numbers; the mean squared error of these answers unless given. */
  variance?: number | undefined;
}): Float64Array {
  const { task, answers, labels } = args;
  switch (task.kind) {
    case 'classification':
      return Float64Array.from(labels, (label, row) => rowLogLoss(answers.scores[row] ?? 0.5, label));
    case 'multiclass': {
      const place = new Map((args.classes ?? task.classes).map((name, at) => [name, at]));
      return classLosses(answers, labels, (label) => place.get(task.classes[label] ?? ''));
    }
    case 'regression': {
      const variance = args.variance ?? meanSquaredError(answers.scores, labels) ?? Number.NaN;
      return squaredLosses(answers.scores, labels, variance);
    }
  }
}

/** Whether a number is a label of the task: 0 or 1, the place of a class, or any number. */
export function isLabel(task: LabelTask, label: number): boolean {
  switch (task.kind) {
    case 'classification':
      return label === 0 || label === 1;
    case 'multiclass':
      return Number.isInteger(label) && label >= 0 && label < task.classes.length;
    case 'regression':
      return Number.isFinite(label);
  }
}
