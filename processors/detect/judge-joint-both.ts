import type { ModelConfig } from '../../src/config.ts';
import {
  type JointState,
  type JointWindowLimits,
  NO_JOINT,
} from '../../src/core/joint/judge-joint-window.ts';
import type { ModelView } from '../panes/model-view.ts';
import { keepForDrift } from './drift-reference.ts';
import { type JointPastWindow, jointDriftPast } from './joint-drift-past.ts';
import { type JointWindow, jointPastWindow, judgeJoint } from './judge-joint.ts';
import type { WindowFacts } from './judge-serving.ts';
import type { VersionReference } from './references.ts';
import type { Verdict } from './verdict.ts';

/** What earlier windows left behind for the joint verdicts. */
export interface JointMemory {
  readonly drift: JointState;
  /** Windows that data drift may compare with. */
  readonly past: readonly JointPastWindow[];
  /** Distribution skew, of the reference named; another reference starts afresh. */
  readonly skew: { readonly referenceId: string; readonly state: JointState };
}

export const NO_JOINT_MEMORY: JointMemory = {
  drift: NO_JOINT,
  past: [],
  skew: { referenceId: '', state: NO_JOINT },
};

/** The joint verdicts on one serving window: data drift against earlier windows, distribution skew against training. Pure. */
export function judgeJointBoth(args: {
  view: ModelView;
  window: WindowFacts;
  config: ModelConfig;
  /** The window on the axes of the serving version and on those of data drift; undefined where it is not watched. */
  version: JointWindow | undefined;
  drift: JointWindow | undefined;
  reference: VersionReference | undefined;
  memory: JointMemory;
  limits: JointWindowLimits;
}): { verdicts: Verdict[]; memory: JointMemory } {
  const { view, window, config, memory, limits, version, drift, reference } = args;
  const { startMs } = window;
  const verdicts: Verdict[] = [];
  const next: { -readonly [Key in keyof JointMemory]: JointMemory[Key] } = { ...memory };
  const ownOf = (joint: JointWindow) => jointPastWindow({ joint, startMs, season: config.season });
  const driftOwn = drift === undefined ? undefined : ownOf(drift);
  if (version !== undefined && reference?.jointPast !== undefined) {
    const judged = judgeJoint({
      kind: 'distribution-skew',
      view,
      window,
      basis: version.basis,
      own: version === drift && driftOwn !== undefined ? driftOwn : ownOf(version),
      state: memory.skew.referenceId === reference.id ? memory.skew.state : NO_JOINT,
      past: reference.jointPast,
      limits,
    });
    verdicts.push(judged.verdict);
    next.skew = { referenceId: reference.id, state: judged.state };
  }
  if (drift !== undefined && driftOwn !== undefined) {
    const past = jointDriftPast({ windows: memory.past, config, startMs });
    const judged = judgeJoint({
      kind: 'data-drift',
      view,
      window,
      basis: drift.basis,
      own: driftOwn,
      state: memory.drift,
      past,
      limits,
    });
    verdicts.push(judged.verdict);
    next.drift = judged.state;
    // A window of too few rows teaches nothing.
    if (drift.signature.n >= config.minimum_rows)
      next.past = keepForDrift({ windows: memory.past, newest: [driftOwn], config });
  }
  return { verdicts, memory: next };
}
