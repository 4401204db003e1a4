import type { Field } from '../../src/core/contract/contract.ts';
import { modelInputs } from '../../src/core/contract/model-inputs.ts';
import { rawTableName } from '../../src/core/contract/raw-table.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Contracts, ReplayPorts } from './ports.ts';

/** Served rows of a window with what was answered and, where it is known, what happened. Order of offsets. */
export interface ServedRows {
  readonly ids: readonly string[];
  readonly eventTimesMs: Float64Array;
  /** As logged. */
  readonly predictions: Float64Array;
  readonly versions: readonly string[];
  /** Features, and `extra` fields as categories; label NaN where none has come. */
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
  const id = name(serving.fields, 'id');
  const prediction = name(serving.fields, 'prediction');
  const version = name(serving.fields, 'version');
  const eventTime = name(serving.fields, 'event-time');
  const { inputs } = modelInputs(serving);
  const numeric = inputs.filter(({ kind }) => kind === 'numeric').map((input) => input.name);
  const categorical = inputs.filter(({ kind }) => kind === 'categorical').map((input) => input.name);
  const extra = (args.extra ?? []).filter((field) => !categorical.includes(field));
  const body = await args.ports.clickhouse.bytes('served-rows', {
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
  });
  const read = await args.ports.readRows(body, {
    id,
    eventTime,
    label: '_label',
    numeric: [...numeric, prediction],
    categorical: [...categorical, ...extra, version],
  });
  const { dataset } = read;
  return {
    ids: read.ids,
    eventTimesMs: read.eventTimesMs,
    predictions: dataset.numeric.at(-1)?.values ?? new Float64Array(0),
    versions: (dataset.categorical.at(-1)?.values ?? []).map((value) => value ?? ''),
    dataset: {
      ...dataset,
      numeric: dataset.numeric.slice(0, -1),
      categorical: dataset.categorical.slice(0, -1),
    },
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
