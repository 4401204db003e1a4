import type { LabelTask } from '../../src/core/contract/label-task.ts';
import type { ModelInput } from '../../src/core/contract/model-inputs.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import type { Task } from '../../src/core/models/model.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { rocAuc } from '../../src/core/performance/roc-auc.ts';
import { meanSquaredError } from '../../src/core/performance/row-loss.ts';
import { taskLosses } from '../../src/core/performance/task-losses.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Scorer, ScorerOutput } from '../../src/io/onnx-runtime/scorer.ts';
import { lossBaseline } from './compare-challenger.ts';
import type { TrainPorts } from './ports.ts';

/** A model file on the validation rows, scored as a server would score them. */
export type Measured = MeasuredModel | { readonly status: 'refused'; readonly why: string };

export interface MeasuredModel {
  readonly status: 'measured';
  /** Row after row, `width` numbers each. */
  readonly scores: Float32Array;
  readonly width: number;
  /** Classes of these numbers, for a label of classes. */
  readonly classes?: readonly string[];
  /** Log-loss per row, nats. */
  readonly losses: Float64Array;
  readonly mean: number;
  readonly sd: number;
  /** Of a regression, in the label's unit squared. */
  readonly squaredError?: number;
  /** Of a regression: that of the errors behind `losses`, its own or the one it was measured by. */
  readonly variance?: number;
  /** Of classification; null when the rows have one class only, and for other tasks. */
  readonly rocAuc: number | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly inputs: readonly ModelInput[];
}

/**
 * Scores the rows through the runtime that serving uses. A file that the runtime's checks refuse, or that answers another
 * task, or with something that is no probability, is `refused`; an outage is thrown.
 */
export async function measure(args: {
  openScorer: TrainPorts['openScorer'];
  path: string;
  rows: Dataset;
  task: LabelTask;
  /** Classes that the model was trained with; without it the first of the task's, as many as it answers. */
  classes?: readonly string[];
  /** Variance of errors by which those of a regression count, when two models meet; else its own. */
  variance?: number;
}): Promise<Measured> {
  const { task } = args;
  const opened = await open(args);
  if ('why' in opened) return opened;
  const { scorer } = opened;
  const { output, width } = scorer.info;
  try {
    if (output !== OUTPUTS[task.kind]) {
      return refused(`it answers with "${output}", not with "${OUTPUTS[task.kind]}" as the label asks for`);
    }
    const classes = classesOf(args, width);
    if (typeof classes === 'string') return refused(classes);
    const scores = await scorer.score(columnsOfDataset(args.rows, scorer.inputs));
    const strange = scores.findIndex((value) => !isAnswer(value, task.kind));
    if (strange >= 0) return refused(`it answers row ${Math.floor(strange / width)} with ${scores[strange]}`);
    const loss = lossesOf({ ...args, scores, width, classes });
    const baseline = lossBaseline(loss.losses);
    if (baseline === undefined) return refused(`there are ${loss.losses.length} rows to measure it on`);
    return {
      status: 'measured',
      scores,
      width,
      ...(classes === undefined ? {} : { classes }),
      ...loss,
      mean: baseline.mean,
      sd: baseline.sd,
      sha256: scorer.info.sha256,
      bytes: scorer.info.bytes,
      inputs: scorer.inputs,
    };
  } finally {
    await scorer.close();
  }
}

/** Names of the classes that the model answers with; undefined for other tasks; a text that says what does not fit. */
function classesOf(
  { task, classes }: Parameters<typeof measure>[0],
  width: number,
): readonly string[] | string | undefined {
  if (task.kind !== 'multiclass') return undefined;
  const named = classes ?? task.classes.slice(0, width);
  return named.length === width ? named : `it answers with ${width} classes, and there are ${named.length}`;
}

function lossesOf(args: {
  task: LabelTask;
  rows: Dataset;
  variance?: number;
  scores: Float32Array;
  width: number;
  classes: readonly string[] | undefined;
}): Pick<MeasuredModel, 'losses' | 'rocAuc' | 'squaredError' | 'variance'> {
  const { task, scores, classes, variance } = args;
  const { label } = args.rows;
  const losses = taskLosses({ task, answers: args, classes, labels: label, variance });
  switch (task.kind) {
    case 'classification': {
      const area = rocAuc({ predictions: scores, labels: label });
      return { losses, rocAuc: area.status === 'ok' ? area.value : null };
    }
    case 'multiclass':
      return { losses, rocAuc: null };
    case 'regression': {
      const squaredError = meanSquaredError(scores, label) ?? Number.NaN;
      return { losses, rocAuc: null, squaredError, variance: variance ?? squaredError };
    }
  }
}

function isAnswer(value: number, task: Task): boolean {
  return task === 'regression' ? Number.isFinite(value) : value >= 0 && value <= 1;
}

async function open(
  args: Parameters<typeof measure>[0],
): Promise<{ scorer: Scorer } | { status: 'refused'; why: string }> {
  const { rows } = args;
  const few = takeRows(
    rows,
    Array.from({ length: Math.min(SAMPLE_ROWS, rows.rows) }, (_, row) => row),
  );
  const everyInput = [
    ...rows.numeric.map(({ name }) => ({ name, kind: 'numeric' as const })),
    ...rows.categorical.map(({ name }) => ({ name, kind: 'categorical' as const })),
  ];
  try {
    return { scorer: await args.openScorer({ path: args.path, sample: columnsOfDataset(few, everyInput) }) };
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'MODEL_REJECTED') return refused(error.message);
    throw error;
  }
}

function refused(why: string): { status: 'refused'; why: string } {
  return { status: 'refused', why };
}

/** Name of the output that answers each task. */
export const OUTPUTS: Readonly<Record<Task, ScorerOutput>> = {
  classification: 'probability',
  multiclass: 'probabilities',
  regression: 'prediction',
};
const SAMPLE_ROWS = 16;
