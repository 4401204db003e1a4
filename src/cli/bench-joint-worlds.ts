import { jointRows, standardNormal } from '../core/evaluation/joint-rows.ts';
import type { Random } from '../core/random.ts';
import { type Bins, fitCategoricalBins, fitNumericBins } from '../core/summaries/bins.ts';

/** Columns of a table, and the changes that it is put through. */
export interface World {
  readonly name: string;
  /** Columns 0 to `numeric` - 1 are normal; the others are categories. */
  readonly numeric: number;
  readonly categorical: number;
  /** Correlation of columns 2 and 3, before and after. */
  readonly standing?: number;
  readonly changes: Readonly<Record<string, Change>>;
}

/** What changes in a window; nothing that is not said. */
export interface Change {
  readonly correlation?: number;
  readonly curved?: boolean;
  /** Categories of the first categorical column that follow the sign of column 0 in this share of rows. */
  readonly follows?: number;
  /** Categories of the second categorical column that are those of the first in this share of rows. */
  readonly copies?: number;
  readonly standing?: number;
  /** Standard deviations by which column 2 alone shifts. */
  readonly shift?: number;
}

/** How much is drawn: references of each world, and windows without a change and with each. */
export interface Draws {
  readonly seed: number;
  readonly references: number;
  readonly quiet: number;
  readonly windows: number;
}

export type Row = readonly (number | string)[];

export const WORLDS: readonly World[] = [
  {
    name: '15 normal columns',
    numeric: 15,
    categorical: 0,
    changes: {
      'correlation 0.2': { correlation: 0.2 },
      'correlation 0.3': { correlation: 0.3 },
      'correlation 0.6': { correlation: 0.6 },
      'same size, random sign': { curved: true },
      'shift of one column by 0.5 sd': { shift: 0.5 },
    },
  },
  {
    name: '10 normal columns, 5 of 4 categories',
    numeric: 10,
    categorical: 5,
    changes: {
      'correlation 0.3': { correlation: 0.3 },
      'category follows a number in 30% of rows (correlation 0.22)': { follows: 0.3 },
      'category follows a number in 41% of rows (correlation 0.3)': { follows: 0.41 },
      'category is that of another feature in 30% of rows (correlation 0.3)': { copies: 0.3 },
    },
  },
  {
    name: '20 normal columns, two of them correlated 0.5',
    numeric: 20,
    categorical: 0,
    standing: 0.5,
    changes: {
      'correlation 0.3': { correlation: 0.3 },
      'the correlation of 0.5 becomes 0.2': { standing: 0.2 },
    },
  },
];

/** Rows of a world: numbers first, then categories. */
export function drawRows(world: World, change: Change, rows: number, random: Random): Row[] {
  const standing = change.standing ?? world.standing ?? 0;
  const numbers = jointRows({ random, rows, columns: world.numeric, ...change, standing });
  return numbers.map((row) => {
    if (change.shift !== undefined) row[2] = (row[2] ?? 0) + change.shift;
    const categories = Array.from({ length: world.categorical }, (_, at) => {
      const follows = at === 0 && random() < (change.follows ?? 0);
      // Quarters of a normal variable: the marginal is the same whether it follows or not.
      return categoryOf(follows ? (row[0] ?? 0) : standardNormal(random));
    });
    if (random() < (change.copies ?? 0)) categories[1] = categories[0] ?? '';
    return [...row, ...categories];
  });
}

/** Bins of a column, as a reference freezes them. */
export function binsOf(rows: readonly Row[], column: number, isNumeric: boolean): Bins {
  if (isNumeric) {
    const bins = fitNumericBins(
      rows.map((row) => Number(row[column])),
      { bins: 20, outer: false },
    );
    return bins ?? { kind: 'numeric', edges: [] };
  }
  const frequencies = new Map<string, number>();
  for (const row of rows) {
    const value = String(row[column]);
    frequencies.set(value, (frequencies.get(value) ?? 0) + 1);
  }
  return fitCategoricalBins(frequencies);
}

function categoryOf(x: number): string {
  return x < -0.6745 ? 'a' : x < 0 ? 'b' : x < 0.6745 ? 'c' : 'd';
}

export const REFERENCE_ROWS = 10_000;
export const WINDOW_ROWS = 1_000;
