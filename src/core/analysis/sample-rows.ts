import { type Dataset, takeRows } from '../models/dataset.ts';

/** Rows of a block, with a number per row that only depends on who the row is about. */
export interface HashedRows {
  readonly ids: readonly string[];
  readonly eventTimesMs: Float64Array;
  readonly dataset: Dataset;
  readonly hashes: Float64Array;
}

/**
 * The rows with the smallest hashes, at most `most`: a sample of all rows that does not depend on how they came in
 * blocks, and that never holds more than twice as many. Hashes that are equal fall together, so all rows of an id are in or
 * out, as far as there is room. Plain data.
 */
export interface RowSample {
  readonly most: number;
  readonly rows: HashedRows | undefined;
}

/** The sample with the rows of one more block looked at. */
export function addToSample(sample: RowSample, block: HashedRows): RowSample {
  const rows = sample.rows === undefined ? block : joined(sample.rows, block);
  return { ...sample, rows: smallest(rows, sample.most) };
}

/** The rows with the smallest hashes, in the order that they have. */
function smallest(rows: HashedRows, most: number): HashedRows {
  if (rows.hashes.length <= most) return rows;
  const limit = rows.hashes.toSorted()[most - 1] ?? 0;
  const positions: number[] = [];
  for (const [row, hash] of rows.hashes.entries()) {
    if (hash <= limit && positions.length < most) positions.push(row);
  }
  return {
    ids: positions.map((row) => rows.ids[row] ?? ''),
    eventTimesMs: Float64Array.from(positions, (row) => rows.eventTimesMs[row] ?? 0),
    dataset: takeRows(rows.dataset, positions),
    hashes: Float64Array.from(positions, (row) => rows.hashes[row] ?? 0),
  };
}

/** One block after the other; both have the same columns. */
function joined(one: HashedRows, other: HashedRows): HashedRows {
  const { dataset: a } = one;
  const { dataset: b } = other;
  return {
    ids: [...one.ids, ...other.ids],
    eventTimesMs: both(one.eventTimesMs, other.eventTimesMs),
    hashes: both(one.hashes, other.hashes),
    dataset: {
      rows: a.rows + b.rows,
      numeric: a.numeric.map(({ name, values }, at) => ({
        name,
        values: both(values, b.numeric[at]?.values ?? new Float64Array(0)),
      })),
      categorical: a.categorical.map(({ name, values }, at) => ({
        name,
        values: [...values, ...(b.categorical[at]?.values ?? [])],
      })),
      label: both(a.label, b.label),
    },
  };
}

function both(one: Float64Array, other: Float64Array): Float64Array {
  const all = new Float64Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}
