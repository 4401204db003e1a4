import type { Contract, Field } from '../../src/core/contract/contract.ts';
import { type LabelTask, labelTask } from '../../src/core/contract/label-task.ts';
import { fieldOf, modelInputs } from '../../src/core/contract/model-inputs.ts';

/**
 * What a training job reads: the labelled training rows of a window of event time inside fixed offset
 * ranges. Fixed before anything is read and kept, so that a job that starts over reads the same rows.
 */
export interface SnapshotPlan {
  readonly requestId: string;
  readonly model: string;
  /** Version that the job will produce. */
  readonly version: string;
  readonly topic: string;
  /** Window of event time, `[from, until)`, milliseconds since 1970. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Ranges per partition, `[first, end)`, in the order of `partitions`. */
  readonly partitions: readonly number[];
  readonly firstOffsets: readonly number[];
  readonly endOffsets: readonly number[];
  /** Labelled rows in the ranges when they were fixed. */
  readonly rows: number;
  /** Writer schemas of these rows. */
  readonly schemaIds: readonly number[];
}

/** One partition's rows of the window, as ClickHouse holds them now. */
export interface StoredRange {
  readonly partition: number;
  readonly firstOffset: number;
  readonly endOffset: number;
  readonly rows: number;
  readonly schemaIds: readonly number[];
}

/** The plan over everything that is stored of the wanted window. */
export function planSnapshot(args: {
  requestId: string;
  model: string;
  version: string;
  topic: string;
  fromMs: number;
  untilMs: number;
  ranges: readonly StoredRange[];
}): SnapshotPlan {
  const { ranges, ...wanted } = args;
  const ascending = [...ranges].sort((a, b) => a.partition - b.partition);
  return {
    ...wanted,
    partitions: ascending.map((range) => range.partition),
    firstOffsets: ascending.map((range) => range.firstOffset),
    endOffsets: ascending.map((range) => range.endOffset),
    rows: ascending.reduce((sum, range) => sum + range.rows, 0),
    schemaIds: [...new Set(ascending.flatMap((range) => range.schemaIds))].sort((a, b) => a - b),
  };
}

/**
 * Why rows of the contract that the trainer runs with cannot be mixed with what producers are registered
 * to send now, in words. A feature that is gone or new is no reason: it is null or unused; one that means
 * something else is, and so is a label, id or event time that is gone.
 */
export function contractChanges(running: Contract, registered: Contract | undefined): readonly string[] {
  if (registered === undefined) return [`no contract is registered under ${running.subject}`];
  const now = new Map(registered.fields.map((field) => [field.name, field]));
  return running.fields.filter(isTrainedOn).flatMap((field) => {
    const other = now.get(field.name);
    if (other === undefined) {
      return field.role === 'feature'
        ? []
        : [`the contract changed: the ${field.role} ${field.name} is gone`];
    }
    if (other.role === field.role && other.kind === field.kind) return [];
    const was = `a ${field.kind} ${field.role}`;
    return [`the contract changed: ${field.name} was ${was} and is a ${other.kind} ${other.role} now`];
  });
}

function isTrainedOn(field: Field): boolean {
  return field.role !== 'ignore' && field.role !== 'segment';
}

/** What a snapshot of this contract holds, or why there can be none, in words. */
export function snapshotFields(contract: Contract): SnapshotFields {
  const id = fieldOf(contract, 'id');
  const eventTime = fieldOf(contract, 'event-time');
  const label = fieldOf(contract, 'label');
  const { inputs, refused } = modelInputs(contract);
  const problems = refused.map(({ name, why }) => `the feature ${name} cannot be trained on: ${why}`);
  if (inputs.length === 0) problems.push('the contract has no feature');
  if (id === undefined) problems.push('the contract has no id field');
  if (eventTime === undefined) problems.push('the contract has no event-time field');
  if (label === undefined) problems.push('the contract has no label field');
  const asked = label === undefined ? undefined : labelTask(label);
  if (asked?.status === 'bad') problems.push(asked.why);
  if (!id || !eventTime || !label || asked?.status !== 'ok' || problems.length > 0) {
    return { status: 'impossible', problems };
  }
  const { task } = asked;
  const segments = contract.fields.filter((field) => field.role === 'segment').map((field) => field.name);
  const numeric = inputs.filter((input) => input.kind === 'numeric').map((input) => input.name);
  const categorical = inputs.filter((input) => input.kind === 'categorical').map((input) => input.name);
  return {
    status: 'ok',
    id: id.name,
    eventTime: eventTime.name,
    label: label.name,
    task,
    ...(task.kind === 'multiclass' ? { classes: task.classes } : {}),
    numeric,
    timestamps: contract.fields.flatMap(({ name, kind }) =>
      kind === 'timestamp' && numeric.includes(name) ? [name] : [],
    ),
    categorical,
    columns: [id.name, eventTime.name, ...inputs.map((input) => input.name), ...segments, label.name],
  };
}

export type SnapshotFields =
  | {
      readonly status: 'ok';
      readonly id: string;
      readonly eventTime: string;
      readonly label: string;
      readonly task: LabelTask;
      /** Classes of a categorical label: the order in which rows and models name them. */
      readonly classes?: readonly string[];
      readonly numeric: readonly string[];
      /** The numeric ones that are times in milliseconds since 1970. */
      readonly timestamps: readonly string[];
      readonly categorical: readonly string[];
      /** Columns of the Parquet file after _partition and _offset. */
      readonly columns: readonly string[];
    }
  | { readonly status: 'impossible'; readonly problems: readonly string[] };
