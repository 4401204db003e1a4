import { type Detector, runDetector } from '../detector.ts';
import { focusWithBetsAt } from '../detectors/focus-with-bets.ts';
import { thresholdFor } from '../thresholds/threshold-for.ts';
import type { WithInterval } from './evaluated.ts';
import { reportCard, type StreamResult } from './report-card.ts';
import type { ErrorStream } from './streams.ts';

/**
 * The default for error streams with the threshold that makes it alarm falsely as often as another detector does,
 * stream by stream, and the delays of both. Which threshold that is comes from the calibration table, by the rival's
 * false alarms before the drift and the error rate there; what the default then really did is counted as well.
 *
 * `no worse`: its median delay is at most the rival's; `within its interval`: at most the upper end of the
 * rival's 95% interval; else `worse`. Streams without a drift are left out.
 */
export function atRateOf(args: { streams: readonly ErrorStream[]; rival: Detector }): AtRateOf[] {
  const names = [
    ...new Set(args.streams.flatMap(({ stream, driftAt }) => (driftAt === null ? [] : [stream]))),
  ];
  return names.map((name) =>
    compare({ ...args, runs: args.streams.filter(({ stream }) => stream === name) }),
  );
}

export interface AtRateOf {
  readonly stream: string;
  readonly threshold: number;
  readonly own: Score;
  readonly rival: Score;
  readonly verdict: 'no worse' | 'within its interval' | 'worse' | 'insufficient';
}

export interface Score {
  readonly detector: string;
  /** Per 100,000 elements before the drift. */
  readonly falseAlarms: WithInterval;
  /** Of all drifts, missed ones later than any. */
  readonly medianDelay: WithInterval;
}

function compare(args: { runs: readonly ErrorStream[]; rival: Detector }): AtRateOf {
  const { runs } = args;
  const rival = score(runs, args.rival);
  const [first] = runs;
  const threshold = thresholdOf({ runs, falseAlarms: rival.falseAlarms });
  const own = score(runs, focusWithBetsAt(threshold));
  return { stream: first?.stream ?? '', threshold, own, rival, verdict: verdictOf(own, rival) };
}

function score(runs: readonly ErrorStream[], detector: Detector): Score {
  const results = runs.map(
    ({ stream, driftAt, bits }): StreamResult => ({
      stream,
      detector: detector.name,
      driftAt,
      length: bits.length,
      alarms: runDetector(detector, bits).alarms,
      counted: { from: 0, to: driftAt ?? bits.length },
    }),
  );
  const [card] = reportCard(results);
  const none: WithInterval = { status: 'insufficient', need: 1, have: 0 };
  return {
    detector: detector.name,
    falseAlarms: card?.falseAlarms.rate ?? none,
    medianDelay: card?.streams[0]?.drift?.medianDelayOfAll ?? none,
  };
}

function thresholdOf(args: { runs: readonly ErrorStream[]; falseAlarms: WithInterval }): number {
  let [errors, elements] = [0, 0];
  for (const { bits, driftAt } of args.runs) {
    const until = driftAt ?? bits.length;
    for (let at = 0; at < until; at += 1) errors += bits[at] ?? 0;
    elements += until;
  }
  const per100k = args.falseAlarms.status === 'ok' ? args.falseAlarms.value : 0;
  const found = thresholdFor({
    detector: 'focus-with-bets',
    // Below the table there is nothing to tell apart in streams of this length.
    per100k: Math.min(MOST, Math.max(LEAST, per100k)),
    rate: errors / Math.max(1, elements),
  });
  return found.status === 'ok' ? found.threshold : Number.POSITIVE_INFINITY;
}

function verdictOf(own: Score, rival: Score): AtRateOf['verdict'] {
  if (own.medianDelay.status !== 'ok' || rival.medianDelay.status !== 'ok') return 'insufficient';
  if (own.medianDelay.value <= rival.medianDelay.value) return 'no worse';
  const { high } = rival.medianDelay;
  return high === null || own.medianDelay.value <= high ? 'within its interval' : 'worse';
}

/** Ends of the calibration table. */
const [LEAST, MOST] = [0.02, 3];
