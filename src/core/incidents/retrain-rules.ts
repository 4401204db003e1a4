/** What a rule may look at when a window has closed. Windows are counted, so that a rule has no clock. */
export interface RetrainView {
  /** Windows since the last retrain, whether it led to a release or not. */
  readonly sinceRetrain: number;
  /** What the last retrain was for; `first` before any. */
  readonly last: RetrainCause | 'first';
  /** Whether the last retrain led to a release. */
  readonly released: boolean;
  /** Per labelled window since the last retrain or the release before it, oldest first. */
  readonly excess: readonly WindowExcess[];
  /** Per window since the last release, oldest first: do the features differ from what was trained on? */
  readonly drift: readonly boolean[];
  /** Newest windows, those kept for validation included, that have rows enough to train on them alone. */
  readonly enough: number;
  /** What a retrain costs, in nats: the excess loss, summed over rows, that one would pay to avoid it. */
  readonly cost: number;
}

/**
 * Loss of one window above what the predictions imply, less what the validation before the release was above it: 0 for
 * a model that is as calibrated as it was, wherever its features go.
 */
export interface WindowExcess {
  /** Sum over its rows, nats. */
  readonly nats: number;
  /** Standard deviation of this sum when nothing changed, nats. */
  readonly sd: number;
  readonly rows: number;
}

/** The excess of one window of labels on the answers of one version. */
export interface VersionExcess extends WindowExcess {
  readonly startMs: number;
  readonly version: string;
}

export type RetrainCause = 'change' | 'follow-up' | 'age' | 'drift';

export type RetrainAnswer =
  | { readonly retrain: false }
  | {
      readonly retrain: true;
      readonly cause: RetrainCause;
      readonly reason: string;
      /** Windows since the change that led to it began, where that is known: older rows are of another world. */
      readonly onset?: number;
    };

export type RetrainRule = (view: RetrainView) => RetrainAnswer;

/** The model stays as it was. */
export const never: RetrainRule = () => NO;

/** After every window. */
export const always: RetrainRule = () => ({ retrain: true, cause: 'age', reason: 'a window has closed' });

/** Every `every` windows, whatever happens. */
export function schedule(every: number): RetrainRule {
  return ({ sinceRetrain }) =>
    sinceRetrain >= every ? { retrain: true, cause: 'age', reason: `${every} windows have passed` } : NO;
}

/** When the features differ from the training rows. Misled by every change that the model copes with. */
export function driftOnly(coolDown: number): RetrainRule {
  return ({ drift, sinceRetrain }) =>
    drift.at(-1) === true && sinceRetrain >= coolDown
      ? { retrain: true, cause: 'drift', reason: 'features have drifted' }
      : NO;
}

/** When the loss has risen beyond chance: `lossAlarm` at `threshold`. */
export function performance(options: { threshold: number; coolDown: number }): RetrainRule {
  return ({ excess, sinceRetrain }) => {
    const { level, onset } = lossAlarm(excess);
    if (level < options.threshold || sinceRetrain < options.coolDown) return NO;
    return {
      retrain: true,
      cause: 'change',
      reason: `the loss has been above its baseline for ${onset} windows`,
      onset,
    };
  };
}

/**
 * When the loss has risen beyond chance and what has been lost since is `times` what a retrain costs, but not before the
 * new world has lasted `wait` windows: earlier there is nothing of it to train on, for the newest windows are needed to
 * compare with the champion. Whoever waits until the loss equals the price pays at most twice of what the best
 * choice in hindsight would have (rent or buy); `times` 2 pays for some of the alarms that are none.
 * The allowance of the alarm is a whole standard deviation: a model that was fitted to n rows is off by
 * sqrt(window / n) of one for ever after, which half of one does not forgive.
 * Where there are millions of rows any difference is beyond chance and costs more than a retrain: the mean excess of a row
 * since the onset has to reach `floor` nats too.
 * One retrain follows a released one after `followUp` windows, as soon as the new world has rows enough of its own: the first one had
 * few, or trained on both worlds, and a change that has been seen goes on more often than not. 0 leaves it out.
 * Misleads where worlds change faster than that: then it pays for a training on two of them.
 * Source: A. Karlin and others, Competitive Snoopy Caching, Algorithmica 3 (1988) 79.
 */
export function costAware(options: {
  threshold: number;
  wait: number;
  coolDown: number;
  times: number;
  followUp: number;
  floor: number;
}): RetrainRule {
  const rule: RetrainRule = ({ excess, sinceRetrain, cost }) => {
    const { nats, onset, level, rows } = lossAlarm(excess, 1);
    if (level < options.threshold || onset < options.wait || sinceRetrain < options.coolDown) return NO;
    if (nats < options.times * cost || nats < options.floor * rows) return NO;
    return {
      retrain: true,
      cause: 'change',
      reason: `${nats.toFixed(0)} nats lost on ${rows} rows of ${onset} windows, and a retrain costs ${cost}`,
      onset,
    };
  };
  return withFollowUp(rule, options.followUp);
}

/** The rule, and one more retrain when one for a change led to a release and the new world has rows enough of its own. */
export function withFollowUp(rule: RetrainRule, followUp: number): RetrainRule {
  return (view) => {
    const { last, released, sinceRetrain, enough } = view;
    const due = last === 'change' && released && sinceRetrain >= Math.max(followUp, enough);
    if (!due || followUp === 0) return rule(view);
    return { retrain: true, cause: 'follow-up', reason: followed(sinceRetrain) };
  };
}

/**
 * What driftwatch does unless told otherwise, in windows of a day. At a threshold of 6 a stream without a change costs less
 * than a nat more than with `never`; at 5 it costs three. A floor of 0.01 to 0.03 nats changes no decision there, one of 0.05
 * makes it late. Found on seeds that `bench policy` does not use.
 */
export const DEFAULT_RULE = {
  threshold: 6,
  wait: 7,
  coolDown: 7,
  times: 2,
  followUp: 14,
  floor: 0.02,
} as const;

/**
 * The loss has risen beyond chance, or it has risen somewhat and the features have drifted as well; not before `warmUp`
 * labelled windows of the serving version and not within `coolDown` windows of the last retrain.
 * Misleads after a release that was itself trained on a mixture of two worlds: its baseline is too high to be
 * exceeded. Training from the onset avoids that, and so does one more retrain when the old world has left
 * the training window: `followUp` windows after a retrain that had an onset; 0 leaves it out.
 */
export function composite(options: {
  threshold: number;
  warmUp: number;
  coolDown: number;
  followUp: number;
}): RetrainRule {
  return ({ excess, drift, sinceRetrain, last }) => {
    if (last === 'change' && options.followUp > 0 && sinceRetrain === options.followUp) {
      return { retrain: true, cause: 'follow-up', reason: followed(sinceRetrain), onset: sinceRetrain };
    }
    if (excess.length < options.warmUp || sinceRetrain < options.coolDown) return NO;
    const { level, onset } = lossAlarm(excess);
    const drifted = drift.slice(-DRIFT_WINDOWS).filter(Boolean).length > DRIFT_WINDOWS / 2;
    if (level < (drifted ? options.threshold / 2 : options.threshold)) return NO;
    const together = drifted ? ', and the features have drifted' : '';
    return {
      retrain: true,
      cause: 'change',
      reason: `the loss is above its baseline for ${onset} windows${together}`,
      onset,
    };
  };
}

/**
 * One-sided cumulative sum of the standardised excess with an allowance per window, in standard deviations: how
 * high it stands now, since when it has not been 0, and the nats lost since then. At 5 with an allowance of 0.5 it
 * cries wolf about once in 900 windows when nothing changes and windows are independent.
 * Source: E. Page, Biometrika 41 (1954) 100; D. Siegmund, Sequential Analysis (1985) for the run length.
 */
export function lossAlarm(
  excess: readonly WindowExcess[],
  allowance: number = ALLOWANCE,
): { level: number; onset: number; nats: number; rows: number } {
  let [level, onset, nats, rows] = [0, 0, 0, 0];
  for (const window of excess) {
    const next = window.sd > 0 ? level + window.nats / window.sd - allowance : level;
    if (next > 0) [level, onset, nats, rows] = [next, onset + 1, nats + window.nats, rows + window.rows];
    else [level, onset, nats, rows] = [0, 0, 0, 0];
  }
  return { level, onset, nats, rows };
}

function followed(windows: number): string {
  return `${windows} windows of the new world are there`;
}

const NO: RetrainAnswer = { retrain: false };
const ALLOWANCE = 0.5;
const DRIFT_WINDOWS = 5;
