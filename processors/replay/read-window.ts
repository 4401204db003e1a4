import type { Contract, Field } from '../../src/core/contract/contract.ts';
import { type LabelTask, modelTask } from '../../src/core/contract/label-task.ts';
import { modelInputs } from '../../src/core/contract/model-inputs.ts';
import { rawTableName } from '../../src/core/contract/raw-table.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import type { RowScores } from '../../src/core/performance/row-loss.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Params } from '../../src/io/clickhouse/client.ts';
import type { Contracts, ReplayPorts } from './ports.ts';

/** Served rows of a window with what was answered and, where it is known, what happened. Order of offsets. */
export interface ServedRows {
  readonly ids: readonly string[];
  readonly eventTimesMs: Float64Array;
  /** As logged; of classes the place of the likeliest among those of the label. */
  readonly predictions: Float64Array;
  /** Of a model of classes: the logged probability of each class of the label, 0 where it was not named. */
  readonly probabilities?: RowScores;
  readonly versions: readonly string[];
  /** Rows by a label that is no class of the contract. */
  readonly foreignLabels: ReadonlyMap<string, number>;
  /** Features, and `extra` fields as categories; label NaN where none has come, of classes the place of its class. */
  readonly dataset: Dataset;
}

/** Reads the served rows of `[fromMs, untilMs)` of event time, of one version or of all. */
export async function readWindow(args: {
  ports: Pick<ReplayPorts, 'clickhouse' | 'readRows'>;
  contracts: Contracts;
  fromMs: number;
  untilMs: number;
  /** From when on labels count; the begin of the window unless it is part of a larger one. */
  labelsFromMs?: number;
  /** Only what this version answered. */
  version?: string;
  /** Fields to read as categories beside the features. */
  extra?: readonly string[];
}): Promise<ServedRows> {
  const { serving, labels } = args.contracts;
  const task = taskOf(args.contracts);
  const classes = task.kind === 'multiclass' ? task.classes : undefined;
  const id = name(serving.fields, 'id');
  const prediction = name(serving.fields, 'prediction');
  const version = name(serving.fields, 'version');
  const eventTime = name(serving.fields, 'event-time');
  const { inputs } = modelInputs(serving);
  const numeric = inputs.filter(({ kind }) => kind === 'numeric').map((input) => input.name);
  const categorical = inputs.filter(({ kind }) => kind === 'categorical').map((input) => input.name);
  const extra = (args.extra ?? []).filter((field) => !categorical.includes(field));
  const chances = classes?.map((_, at) => `_chance_${at}`) ?? [];
  const body = await args.ports.clickhouse.bytes(
    'served-rows',
    {
      id,
      version,
      columns: [...new Set([id, eventTime, prediction, version, ...numeric, ...categorical, ...extra])],
      serving: rawTableName(serving),
      labels: rawTableName(labels),
      label_id: name(labels.fields, 'id'),
      label: name(labels.fields, 'label'),
      from_ms: args.fromMs,
      until_ms: args.untilMs,
      labels_from_ms: args.labelsFromMs ?? args.fromMs,
      only: args.version ?? '',
    },
    classes === undefined ? { number: [{}] } : { text: [{}], class: chancesOf(serving, classes, chances) },
  );
  const read = await args.ports.readRows(body, {
    id,
    eventTime,
    label: '_label',
    numeric: [...numeric, ...(classes === undefined ? [prediction] : chances)],
    categorical: [...categorical, ...extra, version, ...(classes === undefined ? [] : [prediction])],
    classes,
  });
  const { dataset } = read;
  const answers = dataset.numeric.slice(numeric.length).map(({ values }) => values);
  const [versions = [], said = []] = dataset.categorical
    .slice(categorical.length + extra.length)
    .map(({ values }) => values);
  return {
    ids: read.ids,
    eventTimesMs: read.eventTimesMs,
    ...(classes === undefined
      ? { predictions: answers[0] ?? new Float64Array(0) }
      : classAnswers({ classes, said, chances: answers })),
    versions: versions.map((value) => value ?? ''),
    foreignLabels: read.foreignLabels ?? new Map(),
    dataset: {
      ...dataset,
      numeric: dataset.numeric.slice(0, numeric.length),
      categorical: dataset.categorical.slice(0, categorical.length + extra.length),
    },
  };
}

/** What the model of these contracts answers. Throws CONTRACT_INVALID when they do not agree on it. */
export function taskOf(contracts: Contracts): LabelTask {
  const read = modelTask(contracts);
  if (read.status === 'ok') return read.task;
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `The contracts of ${contracts.serving.model} do not fit together: ${read.why}.`,
    next: 'Correct the registered schemas.',
  });
}

/** Parameters that give each class a column. */
function chancesOf(serving: Contract, classes: readonly string[], columns: readonly string[]): Params[] {
  const probabilities = name(serving.fields, 'probabilities');
  return classes.map((label, at) => ({ probabilities, class: label, chance: columns[at] ?? '' }));
}

function classAnswers(args: {
  classes: readonly string[];
  said: readonly (string | null)[];
  chances: readonly ArrayLike<number>[];
}): Pick<ServedRows, 'predictions' | 'probabilities'> {
  const { classes, said, chances } = args;
  const place = new Map(classes.map((label, at) => [label, at]));
  const width = classes.length;
  const scores = new Float64Array(said.length * width);
  for (const [at, values] of chances.entries()) {
    for (let row = 0; row < said.length; row += 1) scores[row * width + at] = values[row] ?? Number.NaN;
  }
  return {
    predictions: Float64Array.from(said, (label) => place.get(label ?? '') ?? Number.NaN),
    probabilities: { scores, width },
  };
}

export function name(fields: readonly Field[], role: Field['role']): string {
  const field = fields.find((one) => one.role === role);
  if (field !== undefined) return field.name;
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `The contract has no field with the role ${role}, and a replay needs one.`,
    next: 'Add the role to a field of the registered schema.',
  });
}
