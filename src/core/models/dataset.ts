/**
 * Rows to train, calibrate or score on, column by column. Plain data; every column is `rows` long.
 * A feature has the same name in the contract, here, and as input of the exported model.
 */
export interface Dataset {
  readonly rows: number;
  readonly numeric: readonly NumericColumn[];
  readonly categorical: readonly CategoricalColumn[];
  /** 0 or 1 for classification, any finite number for regression. Empty when only scoring. */
  readonly label: Float64Array;
}

export interface NumericColumn {
  readonly name: string;
  /** NaN is a missing value. */
  readonly values: Float64Array;
}

export interface CategoricalColumn {
  readonly name: string;
  /** null is a missing value, and so is the empty string: an ONNX string tensor has no null. */
  readonly values: readonly (string | null)[];
}

/** The rows at the given positions, in that order. */
export function takeRows(dataset: Dataset, positions: ArrayLike<number>): Dataset {
  return {
    rows: positions.length,
    numeric: dataset.numeric.map((column) => ({
      name: column.name,
      values: pick(column.values, positions),
    })),
    categorical: dataset.categorical.map((column) => ({
      name: column.name,
      values: Array.from(positions, (at) => column.values[at] ?? null),
    })),
    label: dataset.label.length === 0 ? dataset.label : pick(dataset.label, positions),
  };
}

function pick(values: Float64Array, positions: ArrayLike<number>): Float64Array {
  return Float64Array.from(positions, (at) => values[at] ?? Number.NaN);
}
