import {
  type Baseline,
  type ComponentBaseline,
  EMPTY_BASELINE,
  extendBaseline,
  type PastWindow,
} from '../evidence/baseline.ts';

/** How features went together in the windows that one is compared with. Plain data. */
export interface JointPast {
  readonly id: string;
  readonly windows: number;
  readonly rows: number;
  /** Of every component that any of the windows had. */
  readonly baseline: Baseline;
  /** A training snapshot or a fixed range stays as it is; other pasts move along. */
  readonly frozen: boolean;
}

/** Learns from windows in order of time. */
export function learnJointPast(args: {
  id: string;
  frozen: boolean;
  windows: readonly PastWindow[];
}): JointPast {
  const { id, frozen } = args;
  return args.windows.reduce(extendJointPast, { id, frozen, windows: 0, rows: 0, baseline: EMPTY_BASELINE });
}

/** The past with one more window in it: the same as learning with that window last. */
export function extendJointPast(before: JointPast, window: PastWindow): JointPast {
  return {
    ...before,
    windows: before.windows + 1,
    rows: before.rows + (window.components[0]?.rows ?? 0),
    baseline: extendBaseline(before.baseline, window),
  };
}

/** Only what every past window knows has a variance between windows: the baseline without the rest. */
export function commonParts(baseline: Baseline): Baseline {
  const isCommon = ({ means }: ComponentBaseline): boolean =>
    means.reduce((sum, mean) => sum + (mean?.windows ?? 0), 0) === baseline.windows;
  const components = new Map([...baseline.components].filter(([, component]) => isCommon(component)));
  return components.size === baseline.components.size ? baseline : { ...baseline, components };
}
