import type { PastWindow } from '../../src/core/evidence/baseline.ts';
import { extendJointPast, type JointPast, learnJointPast } from '../../src/core/joint/joint-past.ts';
import { type DriftReferenceConfig, driftWindows } from './drift-reference.ts';
import { LEARNED_ANEW } from './trailing-reference.ts';

/** How features went together in one earlier window. */
export interface JointPastWindow extends PastWindow {
  readonly startMs: number;
}

/**
 * What the joint verdict of data drift compares a window with: a function of the earlier windows alone, chosen by
 * `reference.drift` as for single features. A long history is learned window by window, as in `trailingReference`,
 * with the same numbers as learning it at once.
 */
export function jointDriftPast(args: {
  windows: readonly JointPastWindow[];
  config: DriftReferenceConfig;
  /** Start of the window that is judged. */
  startMs: number;
}): JointPast {
  const { id, frozen, windows } = driftWindows(args);
  if (windows.length <= LEARNED_ANEW) return learnJointPast({ id, frozen, windows });
  const [previous, newest] = [windows.at(-2), windows.at(-1)];
  const before = isKnown(previous, windows.slice(0, -1));
  const past =
    isKnown(newest, windows) ??
    (before === undefined || newest === undefined
      ? learnJointPast({ id, frozen, windows })
      : extendJointPast(before, newest));
  if (previous !== undefined) KNOWN.delete(previous);
  if (newest !== undefined) KNOWN.set(newest, { windows, past });
  return { ...past, id, frozen };
}

function isKnown(
  newest: JointPastWindow | undefined,
  windows: readonly JointPastWindow[],
): JointPast | undefined {
  const known = newest === undefined ? undefined : KNOWN.get(newest);
  const same =
    known?.windows.length === windows.length && known.windows.every((window, at) => window === windows[at]);
  return same ? known?.past : undefined;
}

/** Only saves work: what is known of windows, under the newest of them. */
const KNOWN = new WeakMap<JointPastWindow, { windows: readonly JointPastWindow[]; past: JointPast }>();
