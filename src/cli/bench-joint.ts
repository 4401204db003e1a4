import { BUDGET_SHARES, splitBudget } from '../../processors/detect/error-budget.ts';
import { jointRows, standardNormal } from '../core/evaluation/joint-rows.ts';
import type { PastWindow } from '../core/evidence/baseline.ts';
import { jointBasis } from '../core/joint/joint-basis.ts';
import { jointComponents } from '../core/joint/joint-components.ts';
import { learnJointPast } from '../core/joint/joint-past.ts';
import { fitJointReference, type JointReference } from '../core/joint/joint-reference.ts';
import { type JointSignature, signatureOf } from '../core/joint/joint-signature.ts';
import { type JointVerdict, judgeJoint } from '../core/joint/judge-joint.ts';
import {
  type JointJudgement,
  type JointState,
  type JointWindowLimits,
  judgeJointWindow,
  NO_JOINT,
} from '../core/joint/judge-joint-window.ts';
import { type Axis, indicatorAxes, numericAxis, scorer } from '../core/joint/normal-scores.ts';
import { fourierBasis } from '../core/joint/random-fourier.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { type Bins, coder, fitCategoricalBins, fitNumericBins } from '../core/summaries/bins.ts';
import { countCodes } from '../core/summaries/counts.ts';
import { DriftwatchError } from '../errors.ts';
import { printBench, type Rate, rateOf } from './bench-output.ts';

export interface BenchJointFlags {
  readonly seed: number;
  readonly references: number;
  readonly quiet: number;
  readonly windows: number;
  readonly live: boolean;
  readonly json: boolean;
}

/**
 * `driftwatch bench joint`: level and power of the joint signature, on several references of 10,000 rows: of the
 * two-sample test, and of the running system's rule, which knows 28 earlier windows and a budget of one false page
 * a month over hourly windows and every feature. Without a change it is also asked without the effect floor: what the
 * paging budget allows for the one cell is in `allowed`.
 */
export function benchJoint(flags: BenchJointFlags): void {
  const tables = WORLDS.flatMap((world) => [
    ...(flags.live ? [] : [measure(world, flags)]),
    measureLive(world, flags),
  ]);
  printBench({
    json: flags.json,
    bench: 'joint',
    settings: { seed: flags.seed, n: REFERENCE_ROWS, m: WINDOW_ROWS, references: flags.references },
    rows: tables.flat(),
  });
}

interface World {
  readonly name: string;
  /** Columns 0 to `numeric` - 1 are normal; the others are categories. */
  readonly numeric: number;
  readonly categorical: number;
  /** Correlation of columns 2 and 3, before and after. */
  readonly standing?: number;
  readonly changes: Readonly<Record<string, Change>>;
}

interface Change {
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

const WORLDS: readonly World[] = [
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

function measure(world: World, flags: BenchJointFlags) {
  const counts = new Map<string, JointVerdict[]>();
  for (let at = 0; at < flags.references; at += 1) {
    const random = seededRandom(flags.seed * 1000 + at);
    const { reference, score } = freeze(world, random);
    const judge = (change: Change): JointVerdict =>
      judgeJoint({ reference, current: window(world, change, reference, score, random) });
    const keep = (name: string, change: Change, windows: number): void => {
      const list = counts.get(name) ?? [];
      counts.set(name, list);
      for (let k = 0; k < windows; k += 1) list.push(judge(change));
    };
    keep('no change', {}, Math.ceil(flags.quiet / flags.references));
    for (const [name, change] of Object.entries(world.changes)) {
      keep(name, change, Math.ceil(flags.windows / flags.references));
    }
  }
  return [...counts].map(([change, verdicts]) => ({
    world: world.name,
    rule: 'two samples',
    change,
    ...summary(verdicts),
  }));
}

/** Windows of the running system: quiet ones one after the other, changed ones each as the first of its kind. */
function measureLive(world: World, flags: BenchJointFlags) {
  const { alpha, evidenceAt } = splitBudget({
    falsePages: 1,
    perMs: 30 * DAY,
    paneMs: DAY / 24,
    cells: 2 * (world.numeric + world.categorical + 1),
    share: BUDGET_SHARES.inputs,
  });
  const limits = { minimumRows: 200, minimumWindows: 14, alpha, evidenceAt, floor: 0.2, closeAfter: 7 };
  const quiet = { judged: 0, drift: 0, alarms: 0, low: [0, 0] as [number, number] };
  const found = new Map<string, number>();
  const each = Math.ceil(flags.windows / flags.references);
  for (let at = 0; at < flags.references; at += 1) {
    const random = seededRandom(flags.seed * 1000 + 500 + at);
    const live = freezeLive(world, random);
    let windows = Array.from({ length: TRAILING }, () => live({}));
    let [state, free] = [NO_JOINT, NO_JOINT];
    for (let k = 0; k < Math.ceil(flags.quiet / flags.references); k += 1) {
      const window = live({});
      const past = learnJointPast({ id: '', frozen: false, windows });
      const judged = judgeJointWindow({ state, startMs: k, window, past, limits });
      const without = withoutFloor({ state: free, startMs: k, window, past, limits });
      state = judged.state;
      free = without.state;
      quiet.judged += 1;
      quiet.drift += Number(judged.judgement.verdict === 'drift');
      quiet.alarms += Number(without.alarm);
      quiet.low[0] += Number(pValueOf(judged.judgement) < 0.05);
      quiet.low[1] += Number(pValueOf(judged.judgement) < 0.001);
      windows = [...windows, window].slice(-TRAILING);
    }
    const past = learnJointPast({ id: '', frozen: false, windows });
    for (const [name, change] of Object.entries(world.changes)) {
      for (let k = 0; k < each; k += 1) {
        const judged = judgeJointWindow({ state: NO_JOINT, startMs: 0, window: live(change), past, limits });
        found.set(name, (found.get(name) ?? 0) + Number(judged.judgement.verdict === 'drift'));
      }
    }
  }
  const common = { world: world.name, rule: 'live' };
  const unchanged = {
    ...common,
    change: 'no change',
    'drift (with floor)': rateOf(quiet.drift, quiet.judged),
    'alarms without floor': rateOf(quiet.alarms, quiet.judged),
    'alarms allowed': Number((quiet.judged * (alpha + 1 / evidenceAt)).toPrecision(3)),
    'p < .05': rateOf(quiet.low[0], quiet.judged),
    'p < .001': rateOf(quiet.low[1], quiet.judged),
  };
  const changed = [...found].map(([change, hits]) => ({
    ...common,
    change,
    'drift (with floor)': rateOf(hits, each * flags.references),
  }));
  return [unchanged, ...changed];
}

/** Evidence alone: without a floor every alarm would last for ever, so it is forgotten at once. */
function withoutFloor(args: Parameters<typeof judgeJointWindow>[0]): { state: JointState; alarm: boolean } {
  const limits: JointWindowLimits = { ...args.limits, floor: 0 };
  const { state, judgement } = judgeJointWindow({ ...args, limits });
  return { state: { ...state, alarmed: '' }, alarm: judgement.verdict === 'drift' };
}

function pValueOf(judgement: JointJudgement): number {
  return judgement.verdict === 'insufficient' ? 1 : judgement.pValue;
}

/** A function that draws windows, with axes frozen on a reference of its own. */
function freezeLive(world: World, random: Random): (change: Change) => PastWindow {
  const rows = draw(world, {}, REFERENCE_ROWS, random);
  const features = Array.from({ length: world.numeric + world.categorical }, (_, column) => {
    const bins = binsOf(rows, column, column < world.numeric);
    const codeOf = coder(bins);
    return {
      feature: `column ${column}`,
      bins,
      counts: countCodes(rows.map((row) => codeOf(row[column] ?? null))),
    };
  });
  const basis = jointBasis({ features });
  const columns = new Map(
    features.map(({ feature, bins }, column) => [feature, { column, codeOf: coder(bins) }]),
  );
  const scorers = basis.axes.map((axis) => ({
    score: scorer(axis),
    column: columns.get(axis.feature)?.column ?? 0,
  }));
  return (change) => {
    const drawn = draw(world, change, WINDOW_ROWS, random);
    const scored = drawn.map((row) =>
      Float64Array.from(scorers, (one) => one.score(row[one.column] ?? null)),
    );
    const components = jointComponents({
      basis,
      signature: signatureOf(scored, basis.axes.length, basis.fourier),
      countsOf(feature) {
        const of = columns.get(feature);
        return of === undefined
          ? undefined
          : countCodes(drawn.map((row) => of.codeOf(row[of.column] ?? null)));
      },
    });
    return { season: 0, components };
  };
}

function binsOf(rows: readonly Row[], column: number, isNumeric: boolean): Bins {
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

/** Shares of windows flagged at three levels: by p alone, and with the effect floor at the strictest. */
function summary(verdicts: readonly JointVerdict[]): Record<string, Rate | string> {
  const judged = verdicts.filter((verdict) => verdict.verdict !== 'insufficient');
  const share = (yes: (verdict: (typeof judged)[number]) => boolean): Rate =>
    rateOf(judged.filter(yes).length, judged.length);
  const names = new Map<string, number>();
  for (const { moved } of judged)
    names.set(moved.pair.join(' ~ '), (names.get(moved.pair.join(' ~ ')) ?? 0) + 1);
  const [most = ['', 0]] = [...names].sort((a, b) => b[1] - a[1]);
  return {
    'p < .05': share(({ pValue }) => pValue < 0.05),
    'p < 1/720': share(({ pValue }) => pValue < 1 / 720),
    'p < 1/14400': share(({ pValue }) => pValue < 1 / 14_400),
    'drift (with floor)': share(({ verdict }) => verdict === 'drift'),
    'pair p < 1/720': share(({ pValues }) => pValues.pair < 1 / 720),
    'pairs p < 1/720': share(({ pValues }) => pValues.pairs < 1 / 720),
    'shape p < 1/720': share(({ pValues }) => pValues.shape < 1 / 720),
    'most named': `${most[0]} (${most[1]} of ${judged.length})`,
  };
}

type Row = readonly (number | string)[];

function draw(world: World, change: Change, rows: number, random: Random): Row[] {
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

function categoryOf(x: number): string {
  return x < -0.6745 ? 'a' : x < 0 ? 'b' : x < 0.6745 ? 'c' : 'd';
}

function freeze(
  world: World,
  random: Random,
): { reference: JointReference; score: (row: Row) => Float64Array } {
  const rows = draw(world, {}, REFERENCE_ROWS, random);
  const axes: { axis: Axis; column: number }[] = [];
  for (let column = 0; column < world.numeric + world.categorical; column += 1) {
    for (const axis of axesOf(rows, column, column < world.numeric)) axes.push({ axis, column });
  }
  const scorers = axes.map(({ axis, column }) => ({ score: scorer(axis), column }));
  const score = (row: Row): Float64Array =>
    Float64Array.from(scorers, (entry) => entry.score(row[entry.column] ?? null));
  const fitted = fitJointReference({
    axes: axes.map(({ axis }) => axis),
    fourier: fourierBasis({ axes: axes.length, random: seededRandom(1) }),
    rows: rows.map(score),
  });
  if (fitted.status === 'ok') return { reference: fitted.reference, score };
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The reference needs ${fitted.need} ${fitted.why} and has ${fitted.have}.`,
    next: 'The bench draws its own reference; give it more rows.',
  });
}

function axesOf(rows: readonly Row[], column: number, isNumeric: boolean): Axis[] {
  const feature = `column ${column}`;
  const bins = binsOf(rows, column, isNumeric);
  const codeOf = coder(bins);
  const reference = countCodes(rows.map((row) => codeOf(row[column] ?? null)));
  if (bins.kind === 'categorical') return indicatorAxes({ feature, bins, reference });
  const axis = numericAxis({ feature, bins, reference });
  return axis === undefined ? [] : [axis];
}

function window(
  world: World,
  change: Change,
  reference: JointReference,
  score: (row: Row) => Float64Array,
  random: Random,
): JointSignature {
  const rows = draw(world, change, WINDOW_ROWS, random);
  return signatureOf(rows.map(score), reference.axes.length, reference.fourier);
}

const REFERENCE_ROWS = 10_000;
const DAY = 86_400_000;
const TRAILING = 28;
const WINDOW_ROWS = 1_000;
