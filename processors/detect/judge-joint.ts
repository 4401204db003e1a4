import type { PastWindow } from '../../src/core/evidence/baseline.ts';
import type { JointBasis } from '../../src/core/joint/joint-basis.ts';
import { jointComponents, jointPart } from '../../src/core/joint/joint-components.ts';
import type { JointSignature } from '../../src/core/joint/joint-signature.ts';
import {
  type JointJudgement,
  type JointState,
  type JointWindowLimits,
  judgeJointWindow,
  NO_JOINT,
} from '../../src/core/joint/judge-joint-window.ts';
import { type Season, seasonOf } from '../../src/core/windows/pane.ts';
import type { ModelView } from '../panes/model-view.ts';
import { describeEvidence, owedVerdict, short } from './describe.ts';
import { base, type WindowFacts } from './judge-serving.ts';
import { cellKey, type PaneWindow } from './references.ts';
import type { Verdict } from './verdict.ts';

/** What earlier windows left behind for the joint verdict: its own evidence, and the newest windows. */
export interface JointMemory {
  readonly state: JointState;
  readonly past: readonly PastWindow[];
}

export const NO_JOINT_MEMORY: JointMemory = { state: NO_JOINT, past: [] };

/** The axes, and the sums of one window on them. */
export interface JointWindow {
  readonly basis: JointBasis;
  readonly signature: JointSignature;
}

/**
 * Data drift of the joint distribution: do features go together as in earlier windows, each of them aside? One
 * verdict a window, whatever the number of features. Pure.
 */
export function judgeJoint(args: {
  view: ModelView;
  window: WindowFacts;
  joint: JointWindow;
  /** Panes in the bins of the axes. */
  panes: ReadonlyMap<string, readonly PaneWindow[]>;
  memory: JointMemory;
  season: Season;
  referenceId: string;
  keep: number;
  /** A window that later ones are not to be compared with. */
  excluded: boolean;
  limits: JointWindowLimits;
}): { verdict: Verdict; memory: JointMemory } {
  const { joint, memory, limits, window } = args;
  const components = jointComponents({
    ...joint,
    countsOf: (feature) => args.panes.get(cellKey(feature, ''))?.[0]?.pane,
  });
  const own: PastWindow = { season: seasonOf(window.startMs, args.season), components };
  const { state, judgement } = judgeJointWindow({
    state: memory.state,
    startMs: window.startMs,
    window: own,
    past: memory.past,
    limits,
  });
  return {
    verdict: verdictOf({ ...args, judgement }),
    memory: { state, past: args.excluded ? memory.past : [...memory.past, own].slice(-args.keep) },
  };
}

/** No field of a contract has a space in its name. */
export const JOINT_FEATURE = 'joint distribution';

function verdictOf(args: {
  view: ModelView;
  window: WindowFacts;
  joint: JointWindow;
  referenceId: string;
  limits: JointWindowLimits;
  judgement: JointJudgement;
}): Verdict {
  const { judgement, limits, window } = args;
  const common = {
    ...base({ kind: 'data-drift', view: args.view, window }),
    feature: JOINT_FEATURE,
    segment: '',
    statistic: 'joint-drift',
    effectUnit: 'correlation',
    effectFloor: limits.floor,
    threshold: limits.alpha,
    referenceId: args.referenceId,
    n: judgement.n,
    m: judgement.m,
    harmful: true,
  };
  if (judgement.verdict === 'insufficient') return { ...common, ...owedVerdict(judgement, window) };
  const { change, channel } = judgement;
  const { kind, features } = jointPart(args.joint.basis, judgement.name);
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
