import { type Random, seededRandom } from '../../src/core/random.ts';
import type { Column, Result, Statistic } from '../../src/core/statistic.ts';

/**
 * What a statistic answers on pairs of samples that anybody can picture, as a Markdown table: nothing changed, a
 * small and a large change, and too few rows. Seeded, so the page is the same on every run.
 */
export function statisticExamples(statistic: Statistic): string {
  const rows = casesOf(statistic).map(({ name, reference, current, rows: count }) => {
    const random = seededRandom(7);
    const sample = (draw: Draw) => Array.from({ length: count ?? ROWS }, () => draw(random));
    const result = statistic.compare({
      reference: column(statistic, sample(reference)),
      current: column(statistic, sample(current)),
      random,
    });
    return `| ${name} | ${answer(result)} |`;
  });
  return ['| samples of 1,000 rows | value | p-value | effect |', '|---|---|---|---|', ...rows].join('\n');
}

/** What rounding leaves of an effect of 0. */
const ROUNDING = 1e-12;

type Draw = (random: Random) => number | string | null;

interface Case {
  readonly name: string;
  readonly reference: Draw;
  readonly current: Draw;
  /** Rows on each side, where not the usual number. */
  readonly rows?: number;
}

function casesOf({ name }: Statistic): readonly Case[] {
  if (name === 'constant-share') return CONSTANT;
  if (name === 'missing-rate') return MISSING;
  return OF_CATEGORIES.has(name) ? CATEGORIES : NUMBERS;
}

const ROWS = 1000;
const OF_CATEGORIES = new Set(['chi-squared', 'g-test', 'cramers-v', 'unseen-rate', 'distinct-count']);
const NUMBERS: readonly Case[] = [
  { name: 'normal numbers, nothing changed', reference: normal, current: normal },
  {
    name: 'the mean moved by a quarter of a standard deviation',
    reference: normal,
    current: (random) => normal(random) + 0.25,
  },
  {
    name: 'the mean moved by one standard deviation',
    reference: normal,
    current: (random) => normal(random) + 1,
  },
  { name: 'one row a side', reference: normal, current: normal, rows: 1 },
];
const CATEGORIES: readonly Case[] = [
  { name: 'ten categories, nothing changed', reference: category, current: category },
  {
    name: '5% of the rows are of a new category',
    reference: category,
    current: (random) => (random() < 0.05 ? 'new' : category(random)),
  },
  {
    name: 'all ten are equally frequent now',
    reference: category,
    current: (random) => `c${Math.floor(10 * random())}`,
  },
  { name: 'one row a side', reference: category, current: category, rows: 1 },
];
const MISSING: readonly Case[] = [
  { name: '2% are missing on both sides', reference: holed(0.02), current: holed(0.02) },
  { name: '2% were missing, now 5%', reference: holed(0.02), current: holed(0.05) },
  { name: '2% were missing, now all', reference: holed(0.02), current: () => null },
  { name: 'no rows', reference: holed(0.02), current: holed(0.02), rows: 0 },
];
const CONSTANT: readonly Case[] = [
  { name: 'a constant on both sides', reference: () => 3, current: () => 3 },
  {
    name: '1 row in 100 is another number',
    reference: () => 3,
    current: (random) => (random() < 0.01 ? 4 : 3),
  },
  { name: 'a reference that is no constant', reference: normal, current: normal },
  { name: 'no rows', reference: normal, current: normal, rows: 0 },
];

/** Sum of twelve uniform numbers less six: close enough to a normal number, and the same on every machine. */
function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i += 1) sum += random();
  return sum;
}

/** Ten categories, the later ones rarer. */
function category(random: Random): string {
  return `c${Math.floor(10 * random() ** 2)}`;
}

function holed(share: number): Draw {
  return (random) => (random() < share ? null : normal(random));
}

function column(statistic: Statistic, values: readonly (number | string | null)[]): Column {
  const numbers = values.map((value) => (typeof value === 'string' ? null : value));
  if (values.some((value) => typeof value === 'string'))
    return { form: 'categories', values: values.map((value) => (value === null ? null : `${value}`)) };
  if (statistic.accepts.includes('numbers')) return { form: 'numbers', values: numbers };
  return { form: 'vectors', rows: numbers.map((value) => [value ?? Number.NaN]) };
}

function answer(result: Result): string {
  if (result.status === 'insufficient')
    return `insufficient: ${result.have} of ${result.need}, ${result.why} | |`;
  const { value, pValue, effect, effectUnit } = result;
  const unit = effectUnit === undefined ? '' : ` ${effectUnit}`;
  const size = effect === undefined ? 'none' : `${short(Math.abs(effect) < ROUNDING ? 0 : effect)}${unit}`;
  return `${short(value)} | ${pValue === undefined ? 'none' : short(pValue)} | ${size}`;
}

/** Three digits: the last ones of a logarithm differ between machines. */
function short(x: number): string {
  return Number(x.toPrecision(3)).toString();
}
