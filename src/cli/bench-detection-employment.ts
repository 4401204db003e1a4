import { splitBudget } from '../../processors/detect/error-budget.ts';
import { FIRST_WINDOW, judgeWindow } from '../core/evidence/judge-window.ts';
import { extendReference, prepareReference, type ReferenceWindow } from '../core/evidence/reference.ts';
import type { Limits } from '../core/evidence/window-judgement.ts';
import { seededRandom, shuffledPositions } from '../core/random.ts';
import { coder, fitCategoricalBins, fitNumericBins } from '../core/summaries/bins.ts';
import { countCodes } from '../core/summaries/counts.ts';
import type { PaneCounts } from '../core/windows/pane-counts.ts';
import { readSnapshot } from '../io/files/read-snapshot.ts';
import { EMPLOYMENT } from './bench-cbpe.ts';

/**
 * Four years of real survey answers without known drift, in windows of 1,000 rows: the first year is the reference,
 * the others are judged as if an hour were a window. Pages with the effect floors that are the default, and, to see
 * what they hold back, without. The rows of a year are shuffled: the file has people in institutions at the end of
 * 2017, which is a change of what a window holds, and seed 0 (the order of the file) pages there.
 */
export async function employmentPages(seed: number): Promise<Readonly<Record<string, string | number>>> {
  const { eventTimesMs, dataset } = await readSnapshot(EMPLOYMENT, {
    id: 'id',
    eventTime: 'year',
    label: 'employed',
    numeric: NUMERIC,
    categorical: CATEGORICAL,
  });
  const columns = [
    ...dataset.numeric.map(({ name, values }) => ({ name, kind: 'numeric' as const, values: [...values] })),
    ...dataset.categorical.map(({ name, values }) => ({ name, kind: 'categorical' as const, values })),
  ];
  const years = [...new Set(eventTimesMs)].sort((a, b) => a - b);
  const random = seededRandom(seed);
  const rowsOfYear = new Map(
    years.map((year) => {
      const rows = [...eventTimesMs.keys()].filter((row) => eventTimesMs[row] === year);
      const order = seed === 0 ? rows.keys() : shuffledPositions(random, rows.length);
      return [year, Array.from(order, (at) => rows[at] ?? 0)] as const;
    }),
  );
  const tallies = [DEFAULT_FLOOR, NO_FLOOR].map((effectFloor) => {
    const { alpha, evidenceAt } = splitBudget({
      falsePages: 1,
      perMs: 720,
      paneMs: 1,
      cells: 2 * columns.length,
    });
    const limits: Limits = {
      paneMs: 1,
      minimumRows: 200,
      minimumWindows: 28,
      alpha,
      evidenceAt,
      effectFloor,
      closeAfter: 7,
    };
    const pages = new Map(years.slice(1).map((year) => [year, 0]));
    let windows = 0;
    for (const column of columns) {
      const judged = judgeColumn({ column, rowsOfYear, limits });
      for (const [year, count] of judged.pages) pages.set(year, (pages.get(year) ?? 0) + count);
      windows = judged.windows;
    }
    return { pages, windows };
  });
  const [floored, bare] = tallies;
  const row: Record<string, string | number> = {
    quiet: `employment_MA by year, first year as reference, ${seed === 0 ? 'in the order of the file' : 'rows of a year shuffled'}`,
    'columns, each judged twice': columns.length,
    'windows judged': floored?.windows ?? 0,
  };
  for (const year of years.slice(1)) row[`pages ${year}`] = floored?.pages.get(year) ?? 0;
  for (const year of years.slice(1)) row[`pages ${year}, no effect floor`] = bare?.pages.get(year) ?? 0;
  return row;
}

interface ColumnValues {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly values: readonly (number | string | null)[];
}

/** Against the moving reference and against the frozen first year; a page is a drift that begins. */
function judgeColumn(args: {
  column: ColumnValues;
  rowsOfYear: ReadonlyMap<number, readonly number[]>;
  limits: Limits;
}): { pages: Map<number, number>; windows: number } {
  const { column, limits } = args;
  const [first, ...later] = args.rowsOfYear;
  const reference = first?.[1] ?? [];
  const windowsOf = windower(column, reference);
  const past = windowsOf(reference);
  const common = { id: 'employment', kind: column.kind, season: 'none', windows: past } as const;
  const frozen = prepareReference({ ...common, frozen: true });
  let moving = prepareReference({ ...common, frozen: false });
  let [skew, drift] = [FIRST_WINDOW, FIRST_WINDOW];
  const pages = new Map<number, number>();
  let windows = 0;
  for (const [year, rows] of later) {
    for (const { startMs, pane } of windowsOf(rows)) {
      windows += 1;
      const against = { startMs, pane, limits };
      const one = judgeWindow({ ...against, state: skew, reference: frozen });
      const two = judgeWindow({ ...against, state: drift, reference: moving });
      const began = Number(one.state.alarmed && !skew.alarmed) + Number(two.state.alarmed && !drift.alarmed);
      pages.set(year, (pages.get(year) ?? 0) + began);
      [skew, drift] = [one.state, two.state];
      moving = extendReference(moving, { startMs, pane });
    }
  }
  return { pages, windows };
}

/** Cuts rows into windows in bins frozen on the given rows. */
function windower(
  column: ColumnValues,
  reference: readonly number[],
): (rows: readonly number[]) => ReferenceWindow[] {
  const values = reference.map((row) => column.values[row] ?? null);
  const bins =
    column.kind === 'numeric' ? fitNumericBins(values.map(Number), { bins: 20, outer: false }) : undefined;
  const frequencies = new Map<string, number>();
  for (const value of values)
    if (value !== null) frequencies.set(String(value), (frequencies.get(String(value)) ?? 0) + 1);
  const codeOf = coder(bins ?? fitCategoricalBins(frequencies));
  return (rows) => {
    const windows: ReferenceWindow[] = [];
    for (let at = 0; at + ROWS <= rows.length; at += ROWS) {
      const slice = rows.slice(at, at + ROWS).map((row) => column.values[row] ?? null);
      windows.push({ startMs: windows.length, pane: paneOf(column.kind, slice, codeOf) });
    }
    return windows;
  };
}

function paneOf(
  kind: ColumnValues['kind'],
  values: readonly (number | string | null)[],
  codeOf: (value: number | string | null) => number,
): PaneCounts {
  const counts = countCodes(values.map(codeOf));
  const numbers = kind === 'numeric' ? values.map(Number).filter(Number.isFinite) : [];
  const total = numbers.reduce((sum, x) => sum + x, 0);
  const squares = numbers.reduce((sum, x) => sum + x * x, 0);
  return { ...counts, n: values.length, finite: numbers.length, total, squares };
}

const NUMERIC = ['AGEP', 'predicted_probability'];
const CATEGORICAL = [
  'SCHL',
  'MAR',
  'RELP',
  'DIS',
  'ESP',
  'CIT',
  'MIG',
  'MIL',
  'ANC',
  'NATIVITY',
  'DEAR',
  'DEYE',
  'DREM',
  'SEX',
  'RAC1P',
  'prediction',
];
const DEFAULT_FLOOR = { sd: 0.5, share: 0.1, distinct: 0.5 };
const NO_FLOOR = { sd: 0, share: 0, distinct: 0 };
const ROWS = 1_000;
