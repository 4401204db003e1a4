import type { Analysis, WorstRow } from '../../src/core/analysis/analysis.ts';
import { fairness, type GroupFairness } from '../../src/core/analysis/fairness.ts';
import { type PartialDependence, partialDependences } from '../../src/core/analysis/partial-dependence.ts';
import { permutationImportance } from '../../src/core/analysis/permutation-importance.ts';
import { shapleyContributions } from '../../src/core/analysis/shapley-contributions.ts';
import { weakestSlices } from '../../src/core/analysis/weakest-slices.ts';
import type { LabelTask } from '../../src/core/contract/label-task.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { columnOf, likeliestClasses } from '../../src/core/performance/class-scores.ts';
import { reportedLosses } from '../../src/core/performance/reported-losses.ts';
import { type Random, shuffledPositions } from '../../src/core/random.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';

/**
 * Where a version is weak on labelled rows, what its answers follow, whom it treats how, and why the worst rows were
 * answered as they were. Of a model of classes the dependence and the fairness are those of each class against the rest, and
 * a row is explained by what made the class likely that was said.
 */
export async function explainRows(args: {
  examples: Examples;
  task: LabelTask;
  /** Of classes one number per class, row after row. */
  predictions: ArrayLike<number>;
  answer: (rows: Dataset) => Promise<ArrayLike<number>>;
  groups: readonly string[];
  random: Random;
}): Promise<
  Pick<Analysis, 'loss' | 'slices' | 'importance' | 'dependence' | 'fairness' | 'worst' | 'leftOut'>
> {
  const { examples, task, predictions, answer, groups, random } = args;
  const { dataset: rows } = examples;
  const width = task.kind === 'multiclass' ? task.classes.length : 1;
  const outputs = outputsOf(task, rows.label);
  const lossesOf = (scores: ArrayLike<number>): Float64Array =>
    reportedLosses({ task, answers: { scores, width }, labels: rows.label });
  const losses = lossesOf(predictions);
  const importance = await permutationImportance({ rows, predictions, score: answer, random, lossesOf });
  const dependence: PartialDependence[] = [];
  for (const { feature } of importance.slice(0, MOST_IMPORTANT)) {
    dependence.push(...(await partialDependences({ rows, feature, score: answer, random, width, outputs })));
  }
  const sides =
    task.kind === 'regression' ? [] : sidesOf({ predictions, width, outputs, labels: rows.label });
  return {
    loss: task.kind === 'regression' ? 'squared error' : 'log-loss',
    slices: weakestSlices({ rows, losses, minimum: Math.max(50, Math.ceil(rows.rows / 100)) }),
    importance,
    dependence,
    fairness: groups.map((field) => ({ field, groups: groupsOf(field, rows, sides) })),
    worst: await worstRows({ examples, predictions, losses, answer, random, task, width }),
    leftOut: leftOutOf(task, outputs.length, groups),
  };
}

/** One number of the answers against the labels that it is about. */
interface Side {
  readonly of?: string;
  readonly predictions: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly positive?: readonly boolean[];
}

/** The numbers of an answer that are looked at one by one: of classes those that came most often. */
function outputsOf(task: LabelTask, labels: Float64Array): { at: number; of?: string }[] {
  if (task.kind !== 'multiclass') return [{ at: 0 }];
  const came = task.classes.map((of, at) => ({ at, of, n: 0 }));
  for (const label of labels) {
    const one = came[label];
    if (one !== undefined) one.n += 1;
  }
  return came
    .sort((a, b) => b.n - a.n || a.at - b.at)
    .slice(0, MOST_CLASSES)
    .sort((a, b) => a.at - b.at)
    .map(({ at, of }) => ({ at, of }));
}

function sidesOf(args: {
  predictions: ArrayLike<number>;
  width: number;
  outputs: readonly { at: number; of?: string }[];
  labels: Float64Array;
}): Side[] {
  const { predictions, width, labels } = args;
  const answers = { scores: predictions, width };
  const likeliest = likeliestClasses(answers);
  return args.outputs.map(({ at, of }) =>
    of === undefined
      ? { predictions, labels }
      : {
          of,
          predictions: columnOf(answers, at),
          labels: labels.map((label) => (label === at ? 1 : 0)),
          positive: Array.from(likeliest, (said) => said === at),
        },
  );
}

function groupsOf(field: string, rows: Dataset, sides: readonly Side[]): GroupFairness[] {
  const column = rows.categorical.find(({ name }) => name === field);
  if (column !== undefined) {
    return sides.flatMap(({ of, positive, ...scored }) =>
      fairness({
        scored,
        groups: column.values,
        together: sides.length,
        ...(positive === undefined ? {} : { positive }),
      }).map((group) => (of === undefined ? group : { ...group, of })),
    );
  }
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `"${field}" is no categorical feature of this version.`,
    next: `Name one with --group: ${rows.categorical.map(({ name }) => name).join(', ') || 'there is none'}.`,
  });
}

async function worstRows(args: {
  examples: Examples;
  predictions: ArrayLike<number>;
  losses: Float64Array;
  answer: (rows: Dataset) => Promise<ArrayLike<number>>;
  random: Random;
  task: LabelTask;
  width: number;
}): Promise<WorstRow[]> {
  const { examples, predictions, losses, answer, random, task, width } = args;
  const { dataset: rows } = examples;
  const order = Array.from(losses.keys()).sort((a, b) => (losses[b] ?? 0) - (losses[a] ?? 0) || a - b);
  const background = takeRows(rows, shuffledPositions(random, rows.rows).subarray(0, BACKGROUND));
  const likeliest = likeliestClasses({ scores: predictions, width });
  const worst: WorstRow[] = [];
  for (const row of order.slice(0, WORST)) {
    const place = Math.max(0, likeliest[row] ?? 0);
    const label = rows.label[row] ?? 0;
    const score = async (some: Dataset): Promise<ArrayLike<number>> =>
      width === 1 ? answer(some) : columnOf({ scores: await answer(some), width }, place);
    worst.push({
      id: examples.ids[row] ?? '',
      eventTimeMs: examples.eventTimesMs[row] ?? 0,
      prediction: predictions[row * width + place] ?? 0,
      label,
      ...(task.kind === 'multiclass'
        ? { said: task.classes[place] ?? '', came: task.classes[label] ?? '' }
        : {}),
      loss: losses[row] ?? 0,
      explained: await shapleyContributions({ rows, row, background, score, random }),
    });
  }
  return worst;
}

function leftOutOf(task: LabelTask, shown: number, groups: readonly string[]): string[] {
  if (task.kind === 'regression') {
    const calibration =
      'A number has no probability, so there is no calibration curve: see the mean residual.';
    if (groups.length === 0) return [calibration];
    return [
      calibration,
      `Fairness of groups is about yes and no and says nothing of a number: see the slices of ${groups.join(', ')}.`,
    ];
  }
  if (task.kind === 'classification' || task.classes.length <= shown) return [];
  return [
    `Dependence and fairness are of the ${shown} classes of ${task.classes.length} that came most often.`,
  ];
}

const MOST_IMPORTANT = 6;
/** Classes that are looked at one by one. */
const MOST_CLASSES = 6;
const WORST = 10;
/** Rows that stand for the usual when single rows are explained. */
const BACKGROUND = 500;
