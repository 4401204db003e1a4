import { mergePanes, type PaneCounts } from '../windows/pane-counts.ts';
import { DISTINCT } from './components.ts';
import { distinctShift } from './distinct-shift.ts';
import { type EffectSize, shareMoved, standardisedDifference } from './effect-size.ts';
import type { Reference } from './reference.ts';
import type { EvidenceState } from './window-evidence.ts';
import type { Limits } from './window-judgement.ts';

/** How large the change is: in sd when it is the location that moved, in different values when it is their number, else the share of rows that moved. */
export function windowEffect({
  reference,
  windows,
  evidence,
  limits,
}: {
  reference: Reference;
  windows: readonly RecentWindow[];
  evidence: EvidenceState;
  limits: Limits;
}): EffectSize {
  const [first, ...others] = windows.map(({ pane }) => pane);
  const pane =
    first !== undefined && others.length === 0 ? first : mergePanes(windows.map((one) => one.pane));
  const moved = shareMoved({
    reference: reference.merged,
    current: pane,
    designEffect: reference.designEffect,
  });
  if (evidence.leader === 'location')
    return standardisedDifference({ reference: reference.merged, current: pane }) ?? moved;
  if (evidence.leader !== DISTINCT) return moved;
  const shift = distinctShift({ reference, windows });
  return shift !== undefined && isLarge(shift.effect, limits) ? shift.effect : moved;
}

/** Whether the floor of its unit is reached. */
export function isLarge(effect: EffectSize, limits: Limits): boolean {
  return effect.value >= limits.effectFloor[effect.unit];
}

/** Whether the newest windows together are below the floor in all units: the drift is over. */
export function isBack(args: {
  recent: readonly RecentWindow[];
  reference: Reference;
  limits: Limits;
}): boolean {
  const merged = mergePanes(args.recent.map(({ pane }) => pane));
  const shift = standardisedDifference({ reference: args.reference.merged, current: merged });
  const moved = shareMoved({
    reference: args.reference.merged,
    current: merged,
    designEffect: args.reference.designEffect,
  });
  const distinct = distinctShift({ reference: args.reference, windows: args.recent });
  return [moved, shift, distinct?.effect].every(
    (effect) => effect === undefined || !isLarge(effect, args.limits),
  );
}

/** A window as it was counted. */
export interface RecentWindow {
  readonly startMs: number;
  readonly pane: PaneCounts;
}
