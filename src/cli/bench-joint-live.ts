import { BUDGET_SHARES, splitBudget } from '../../processors/detect/error-budget.ts';
import type { PastWindow } from '../core/evidence/baseline.ts';
import { jointBasis } from '../core/joint/joint-basis.ts';
import { jointComponents } from '../core/joint/joint-components.ts';
import { learnJointPast } from '../core/joint/joint-past.ts';
import { signatureOf } from '../core/joint/joint-signature.ts';
import {
  type JointJudgement,
  type JointState,
  type JointWindowLimits,
  judgeJointWindow,
  NO_JOINT,
} from '../core/joint/judge-joint-window.ts';
import { scorer } from '../core/joint/normal-scores.ts';
import { type Random, seededRandom } from '../core/random.ts';
import { coder } from '../core/summaries/bins.ts';
import { countCodes } from '../core/summaries/counts.ts';
import {
  binsOf,
  type Change,
  type Draws,
  drawRows,
  REFERENCE_ROWS,
  WINDOW_ROWS,
  type World,
} from './bench-joint-worlds.ts';
import { rateOf } from './bench-output.ts';

/** Windows of the running system: quiet ones one after the other, changed ones each as the first of its kind. */
export function measureLive(world: World, draws: Draws) {
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
  const each = Math.ceil(draws.windows / draws.references);
  for (let at = 0; at < draws.references; at += 1) {
    const random = seededRandom(draws.seed * 1000 + 500 + at);
    const live = freezeLive(world, random);
    let windows = Array.from({ length: TRAILING }, () => live({}));
    let [state, free] = [NO_JOINT, NO_JOINT];
    for (let k = 0; k < Math.ceil(draws.quiet / draws.references); k += 1) {
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
    'drift (with floor)': rateOf(hits, each * draws.references),
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
  const rows = drawRows(world, {}, REFERENCE_ROWS, random);
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
    const drawn = drawRows(world, change, WINDOW_ROWS, random);
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

const DAY = 86_400_000;
const TRAILING = 28;
