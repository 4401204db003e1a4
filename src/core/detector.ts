import { DriftwatchError } from '../errors.ts';

/**
 * What a detector says after one element: nothing, that the recent elements look unusual (`warning`),
 * or that it holds the change for real (`drift`). A detector that says `drift` starts afresh with the
 * next element, so an alarm is exactly one element long.
 */
export type Signal = 'none' | 'warning' | 'drift';

/**
 * What every detector remembers. Always plain JSON data, so `JSON.parse(JSON.stringify(state))` in the
 * middle of a stream changes nothing that follows.
 */
export interface DetectorState {
  readonly signal: Signal;
}

/** Where an alarm places the change and what it saw on either side, for detectors that can tell. */
export interface Change {
  /** Elements since the change, the one that raised the alarm included; at least 1. */
  readonly elementsAgo: number;
  /** Mean before and after the estimated change, with the number of elements behind each. */
  readonly before: { readonly mean: number; readonly n: number };
  readonly after: { readonly mean: number; readonly n: number };
}

/**
 * One detector of change in a stream, with its parameters already chosen. `update` is pure: it never
 * touches the state it is given. `bit` detectors read 0 (right) and 1 (wrong), `real` ones any finite
 * number, `evidence` ones p-values or e-values; anything else is a bug of the caller and throws
 * INVARIANT_BROKEN.
 */
export interface Detector<State extends DetectorState = DetectorState> {
  readonly name: string;
  readonly reads: 'bit' | 'real' | 'evidence';
  start(): State;
  update(state: State, x: number): State;
  /** The change behind the current alarm; undefined when there is no alarm or the detector cannot tell. */
  change?(state: State): Change | undefined;
}

/** 0-based indices of the alarms and warnings of one detector over a whole stream, from a fresh start. */
export function runDetector<State extends DetectorState>(
  detector: Detector<State>,
  stream: ArrayLike<number>,
): { alarms: number[]; warnings: number[]; state: State } {
  const alarms: number[] = [];
  const warnings: number[] = [];
  let state = detector.start();
  for (let index = 0; index < stream.length; index += 1) {
    state = detector.update(state, stream[index] ?? Number.NaN);
    if (state.signal === 'drift') alarms.push(index);
    else if (state.signal === 'warning') warnings.push(index);
  }
  return { alarms, warnings, state };
}

/** Refuses what is not an error bit; a detector fed anything else would be wrong without saying so. */
export function requireBit(x: number, detector: string): void {
  if (x === 0 || x === 1) return;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `Detector ${detector} expected 0 or 1 and received ${x}.`,
    next: 'Turn the outcome into an error bit first, or take a detector that reads real numbers.',
  });
}

/** Refuses NaN and infinities, which would poison every later verdict of the stream. */
export function requireFinite(x: number, detector: string): void {
  if (Number.isFinite(x)) return;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `Detector ${detector} expected a finite number and received ${x}.`,
    next: 'Count missing values as a series of their own and leave them out of this one.',
  });
}
