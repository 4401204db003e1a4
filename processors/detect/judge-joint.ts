import type { DriftKind } from '../../src/core/incidents/finding.ts';
import type { JointBasis } from '../../src/core/joint/joint-basis.ts';
import { jointComponents, jointPart } from '../../src/core/joint/joint-components.ts';
import type { JointPast } from '../../src/core/joint/joint-past.ts';
import type { JointSignature } from '../../src/core/joint/joint-signature.ts';
import {
  type JointJudgement,
  type JointState,
  type JointWindowLimits,
  judgeJointWindow,
} from '../../src/core/joint/judge-joint-window.ts';
import { type Season, seasonOf } from '../../src/core/windows/pane.ts';
import type { PaneCounts } from '../../src/core/windows/pane-counts.ts';
import type { ModelView } from '../panes/model-view.ts';
import { describeEvidence, owedVerdict, short } from './describe.ts';
import type { JointPastWindow } from './joint-drift-past.ts';
import { base, type WindowFacts } from './judge-serving.ts';
import type { Verdict } from './verdict.ts';

/** The axes, and the sums of one window on them. */
export interface JointWindow {
  readonly basis: JointBasis;
  readonly signature: JointSignature;
  /** Counts over all rows of the window in the bins of the axes. */
  readonly countsOf: (feature: string) => PaneCounts | undefined;
}

/** How features go together in a window, as it is compared and kept. */
export function jointPastWindow(args: {
  joint: JointWindow;
  startMs: number;
  season: Season;
}): JointPastWindow {
  const { startMs } = args;
  return { startMs, season: seasonOf(startMs, args.season), components: jointComponents(args.joint) };
}

/**
 * The joint distribution of a window, as data drift against earlier windows or as distribution skew against those of a
 * training snapshot: do features go together as they did there, each of them aside? One verdict a window and kind,
 * whatever the number of features. Pure.
 */
export function judgeJoint(args: {
  kind: DriftKind & ('distribution-skew' | 'data-drift');
  view: ModelView;
  window: WindowFacts;
  basis: JointBasis;
  own: JointPastWindow;
  state: JointState;
  past: JointPast;
  limits: JointWindowLimits;
}): { verdict: Verdict; state: JointState } {
  const { own, state: before, past, limits } = args;
  const { state, judgement } = judgeJointWindow({
    state: before,
    startMs: own.startMs,
    window: own,
    past,
    limits,
  });
  return { verdict: verdictOf({ ...args, judgement }), state };
}

/** No field of a contract has a space in its name. */
export const JOINT_FEATURE = 'joint distribution';

function verdictOf(args: {
  kind: DriftKind;
  view: ModelView;
  window: WindowFacts;
  basis: JointBasis;
  past: JointPast;
  limits: JointWindowLimits;
  judgement: JointJudgement;
}): Verdict {
  const { judgement, limits, window } = args;
  const common = {
    ...base(args),
    feature: JOINT_FEATURE,
    segment: '',
    statistic: 'joint-drift',
    effectUnit: 'correlation',
    effectFloor: limits.floor,
    threshold: limits.alpha,
    referenceId: args.past.id,
    n: judgement.n,
    m: judgement.m,
    harmful: true,
  };
  if (judgement.verdict === 'insufficient') return { ...common, ...owedVerdict(judgement, window) };
  const { change, channel } = judgement;
  const { kind, features } = jointPart(args.basis, judgement.name);
  const [first, second] = features;
  const what = kind === 'correlation' ? 'correlation' : 'dependence beyond correlation';
  const why = describeEvidence(judgement);
  return {
    ...common,
    verdict: judgement.verdict,
    value: change.current,
    pValue: judgement.pValue,
    effect: Math.abs(change.current - change.usual),
    need: 0,
    detail: {
      law: `largest of ${judgement.tested} pairs and waves, Student tails`,
      features,
      part: kind,
      usual: change.usual,
      over_windows: judgement.evidence,
      over_windows_threshold: limits.evidenceAt,
      judged_alone: true,
      channel,
    },
    beganMs: judgement.sinceMs,
    evidence: `${first} and ${second} go together differently: ${what} ${short(change.current)} against ${short(change.usual)}, ${why}`,
  };
}
