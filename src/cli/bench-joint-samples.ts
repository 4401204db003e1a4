import { fitJointReference, type JointReference } from '../core/joint/joint-reference.ts';
import { type JointSignature, signatureOf } from '../core/joint/joint-signature.ts';
import { type JointVerdict, judgeJoint } from '../core/joint/judge-joint.ts';
import { type Axis, indicatorAxes, numericAxis, scorer } from '../core/joint/normal-scores.ts';
import { fourierBasis } from '../core/joint/random-fourier.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { coder } from '../core/summaries/bins.ts';
import { countCodes } from '../core/summaries/counts.ts';
import { DriftwatchError } from '../errors.ts';
import {
  binsOf,
  type Change,
  type Draws,
  drawRows,
  REFERENCE_ROWS,
  type Row,
  WINDOW_ROWS,
  type World,
} from './bench-joint-worlds.ts';
import { type Rate, rateOf } from './bench-output.ts';

/** Level and power of the two-sample test: windows of each change against the same reference. */
export function measureSamples(world: World, draws: Draws) {
  const counts = new Map<string, JointVerdict[]>();
  for (let at = 0; at < draws.references; at += 1) {
    const random = seededRandom(draws.seed * 1000 + at);
    const { reference, score } = freeze(world, random);
    const judge = (change: Change): JointVerdict =>
      judgeJoint({ reference, current: window(world, change, reference, score, random) });
    const keep = (name: string, change: Change, windows: number): void => {
      const list = counts.get(name) ?? [];
      counts.set(name, list);
      for (let k = 0; k < windows; k += 1) list.push(judge(change));
    };
    keep('no change', {}, Math.ceil(draws.quiet / draws.references));
    for (const [name, change] of Object.entries(world.changes)) {
      keep(name, change, Math.ceil(draws.windows / draws.references));
    }
  }
  return [...counts].map(([change, verdicts]) => ({
    world: world.name,
    rule: 'two samples',
    change,
    ...summary(verdicts),
  }));
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

function freeze(
  world: World,
  random: Random,
): { reference: JointReference; score: (row: Row) => Float64Array } {
  const rows = drawRows(world, {}, REFERENCE_ROWS, random);
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
  const rows = drawRows(world, change, WINDOW_ROWS, random);
  return signatureOf(rows.map(score), reference.axes.length, reference.fourier);
}
