import { type AdwinState, adwin } from '../../src/core/detectors/adwin.ts';
import {
  FIRST_SERIES,
  judgePerformance,
  type PastLosses,
  type SeriesJudgement,
  type SeriesState,
  withNewVersion,
} from '../../src/core/evidence/judge-performance.ts';
import type { VersionExcess } from '../../src/core/incidents/retrain-rules.ts';
import { validationExcess } from '../../src/core/performance/validation-excess.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { PerformanceRow } from '../panes/rows.ts';
import { short } from './describe.ts';
import { base, type WindowFacts } from './judge-serving.ts';
import type { VersionReference } from './references.ts';
import type { Verdict } from './verdict.ts';

/**
 * Concept-drift verdicts of one window of labels: log-loss and calibration gap of the serving version,
 * with ADWIN on the log-loss in label order beside them, which is told and decides nothing. Pure.
 *
 * The log-loss is compared with what the predictions themselves imply, their mean entropy: a model that was
 * calibrated on its training data expects just that of itself on any inputs, hard or easy, so a stormy
 * validation week or an easy month does not look like a changed relation of x and y. It misleads when the
 * model was never calibrated: then the excess is there from the first day. Of classes the gap is that of the most likely
 * one: how often it came against how likely it was called (Guo and others, ICML 2017). A regression is compared with the
 * mean loss of its validation rows, by its squared error there: a time of harder inputs looks like drift.
 */
export function judgeLabels(args: {
  view: ModelView;
  window: WindowFacts;
  rows: readonly PerformanceRow[];
  losses: readonly number[];
  reference: VersionReference | undefined;
  state: ConceptState;
  past: readonly PerformanceRow[];
  limits: ConceptLimits;
}): { verdicts: Verdict[]; state: ConceptState } {
  const { reference } = args;
  // A new version has a level of its own: what was learned about the old one does not count for it.
  const known = reference === undefined || reference.version === args.state.version;
  const fresh = known ? args.state : startAnew(args.state, reference.version, args.window.startMs);
  const { stream, alarm } = runStream(fresh.stream, args.losses);
  const all = args.rows.find((row) => row.segment === '');
  if (all === undefined || reference === undefined) return { verdicts: [], state: { ...fresh, stream } };
  const loss = judgePerformance({
    state: fresh.loss,
    startMs: args.window.startMs,
    window: excessOf(all),
    expected: { mean: 0, windows: reference.windows },
    past: args.past.map((row) => asPast(row, excessOf(row))),
    limits: { ...args.limits, floor: args.limits.nats },
  });
  const gap = judgePerformance({
    state: fresh.gap,
    startMs: args.window.startMs,
    window: gapOf(all),
    expected: { mean: 0, windows: reference.windows },
    past: args.past.map((row) => asPast(row, gapOf(row))),
    limits: { ...args.limits, floor: args.limits.share },
  });
  // Of a number the loss has the bias in it, and there is no probability to be calibrated.
  const gaps = args.view.task !== 'regression';
  const verdicts = [
    toVerdict({
      ...args,
      reference,
      judgement: loss.judgement,
      feature: 'log_loss',
      unit: 'nats',
      floor: args.limits.nats,
      detail: {
        adwin_alarm: alarm,
        unmatched: all.unmatched,
        errors: all.errors,
        log_loss: all.loss / Math.max(1, all.n),
        validation_log_loss: reference.performance.logLoss,
      },
    }),
    ...(gaps
      ? [
          toVerdict({
            ...args,
            reference,
            judgement: gap.judgement,
            feature: 'calibration_gap',
            unit: 'share',
            floor: args.limits.share,
            detail: { predicted: all.predicted, positives: all.positives },
          }),
        ]
      : []),
  ];
  return { verdicts, state: { version: reference.version, stream, loss: loss.state, gap: gap.state } };
}

export interface ConceptState {
  readonly version: string;
  readonly stream: AdwinState;
  readonly loss: SeriesState;
  readonly gap: SeriesState;
}

export interface ConceptLimits {
  readonly minimumRows: number;
  readonly minimumWindows: number;
  readonly evidenceAt: number;
  readonly closeAfter: number;
  readonly nats: number;
  readonly share: number;
}

/** ADWIN needs numbers of bounded range: the loss is capped and scaled to [0, 1]. */
const LOSS_CAP = 5;
const DETECTOR = adwin();

export const NO_CONCEPT: ConceptState = {
  version: '',
  stream: DETECTOR.start(),
  loss: FIRST_SERIES,
  gap: FIRST_SERIES,
};

/**
 * What one version lost in the window beyond what its answers imply, less what its validation rows were beyond that;
 * retraining is decided by it. Undefined without a label of its own. For a regression beyond the mean loss of its
 * validation rows; for classes those are not counted by how likely they were called, and nothing is taken away.
 */
export function versionExcess(args: {
  rows: readonly PerformanceRow[];
  reference: Pick<VersionReference, 'version' | 'calibration'>;
  startMs: number;
}): VersionExcess | undefined {
  const { reference, startMs } = args;
  const { version, calibration } = reference;
  const own = args.rows.find(({ segment }) => segment === `version=${version}`);
  if (own === undefined || own.n === 0) return undefined;
  const { sum, squares, n: rows } = excessOf(own);
  const usual = calibration === undefined ? 0 : rows * validationExcess(calibration);
  const sd = Math.sqrt(Math.max(0, squares - (sum * sum) / rows));
  return { startMs, version, rows, nats: sum - usual, sd };
}

function startAnew(state: ConceptState, version: string, startMs: number): ConceptState {
  const [loss, gap] = [withNewVersion(state.loss, startMs), withNewVersion(state.gap, startMs)];
  return { ...NO_CONCEPT, version, loss, gap };
}

/** Log-loss beyond what the predictions imply. */
function excessOf(row: PerformanceRow): Sums {
  return { sum: row.loss - row.expected, squares: row.excess_squares, n: row.n };
}

/** Predictions less labels. */
function gapOf(row: PerformanceRow): Sums {
  return { sum: row.predicted - row.positives, squares: row.brier, n: row.n };
}

function asPast(row: PerformanceRow, { sum, squares, n }: Sums): PastLosses {
  const mean = sum / Math.max(1, n);
  const rowVariance = Math.max(0, squares / Math.max(1, n) - mean * mean);
  return { startMs: row.pane_start, mean, rows: n, rowVariance };
}

interface Sums {
  readonly sum: number;
  readonly squares: number;
  readonly n: number;
}

function runStream(state: AdwinState, losses: readonly number[]): { stream: AdwinState; alarm: boolean } {
  let stream = state;
  let alarm = false;
  for (const loss of losses) {
    stream = DETECTOR.update(stream, Math.min(loss, LOSS_CAP) / LOSS_CAP);
    alarm ||= stream.signal === 'drift';
  }
  return { stream, alarm };
}

function toVerdict(args: {
  view: ModelView;
  window: WindowFacts;
  reference: VersionReference;
  judgement: SeriesJudgement;
  feature: string;
  unit: 'nats' | 'share';
  floor: number;
  limits: ConceptLimits;
  detail: Record<string, unknown>;
}): Verdict {
  const { judgement, window, reference, unit } = args;
  const common = {
    ...base({ kind: 'concept-drift', view: args.view, window }),
    feature: args.feature,
    segment: '',
    statistic: args.feature.replaceAll('_', '-'),
    effectUnit: unit,
    effectFloor: args.floor,
    threshold: 0,
    n: judgement.n,
    m: reference.performance.rows,
    referenceId: reference.id,
    beganMs: window.startMs,
  };
  if (judgement.verdict === 'insufficient') {
    const evidence = `insufficient: ${judgement.have} of ${judgement.need} ${judgement.why}`;
    return {
      ...common,
      verdict: 'insufficient',
      need: judgement.need,
      detail: args.detail,
      evidence,
      harmful: false,
    };
  }
  const how = {
    none: 'nothing found',
    windows: 'found over windows',
    lasting: 'lasting',
  }[judgement.channel];
  return {
    ...common,
    verdict: judgement.verdict,
    value: judgement.mean,
    effect: Math.abs(judgement.effect),
    need: 0,
    detail: {
      ...args.detail,
      channel: judgement.channel,
      level: judgement.level,
      over_windows: judgement.evidence,
      over_windows_threshold: args.limits.evidenceAt,
    },
    beganMs: judgement.sinceMs,
    evidence: `${saidOf(args)} (${judgement.effect >= 0 ? '+' : ''}${short(judgement.effect)} ${unit} over the last windows), ${how}${args.detail['adwin_alarm'] === true ? ', ADWIN alarms on the loss too' : ''}`,
    // A falling loss is a change of the world too, but nobody needs to be woken for it.
    harmful: args.feature === 'calibration_gap' || judgement.effect > 0,
  };
}

/** What the series is, in words, with the numbers of this window. */
function saidOf(args: {
  feature: string;
  reference: VersionReference;
  detail: Record<string, unknown>;
  judgement: SeriesJudgement;
}): string {
  const { reference, detail } = args;
  if (args.feature !== 'log_loss') return `predictions of ${reference.version} are off the labels on average`;
  const loss = Number(detail['log_loss']);
  return `log loss ${short(loss)} in this window, off what the predictions of ${reference.version} imply; ${short(reference.performance.logLoss)} on its validation`;
}
