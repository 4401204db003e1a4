import { asNumber, type ModelInput } from '../contract/model-inputs.ts';
import type { Dataset } from './dataset.ts';

/** Rows to score by feature name, as a scorer takes them: NaN and '' are missing values. */
export interface ScoringColumns {
  readonly rows: number;
  readonly numeric: Readonly<Record<string, Float32Array>>;
  readonly categorical: Readonly<Record<string, readonly string[]>>;
}

/** A data set as the columns that a scorer asks for; a column the data set does not have is missing values. */
export function columnsOfDataset(dataset: Dataset, inputs: readonly ModelInput[]): ScoringColumns {
  const numeric = new Map(dataset.numeric.map((column) => [column.name, column.values]));
  const categorical = new Map(dataset.categorical.map((column) => [column.name, column.values]));
  return build({
    rows: dataset.rows,
    inputs,
    number: (name, row) => numeric.get(name)?.[row] ?? Number.NaN,
    text: (name, row) => categorical.get(name)?.[row] ?? '',
  });
}

/** Plain records as the columns that a scorer asks for; null and absent values are missing. */
export function columnsOfRecords(
  records: readonly Readonly<Record<string, unknown>>[],
  inputs: readonly ModelInput[],
): ScoringColumns {
  return build({
    rows: records.length,
    inputs,
    number: (name, row) => asNumber(records[row]?.[name]),
    text: (name, row) => {
      const value = records[row]?.[name];
      return value === null || value === undefined ? '' : String(value);
    },
  });
}

function build(args: {
  rows: number;
  inputs: readonly ModelInput[];
  number(name: string, row: number): number;
  text(name: string, row: number): string;
}): ScoringColumns {
  const { rows, inputs } = args;
  const numeric: Record<string, Float32Array> = {};
  const categorical: Record<string, readonly string[]> = {};
  for (const { name, kind } of inputs) {
    if (kind === 'numeric')
      numeric[name] = Float32Array.from({ length: rows }, (_, row) => args.number(name, row));
    else categorical[name] = Array.from({ length: rows }, (_, row) => args.text(name, row));
  }
  return { rows, numeric, categorical };
}
