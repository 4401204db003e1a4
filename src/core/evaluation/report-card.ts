import { detectionDelays, medianDelay } from './detection-delay.ts';
import type { WithInterval } from './evaluated.ts';
import { falseAlarmRate } from './false-alarm-rate.ts';
import { type Match, match } from './match.ts';
import { missedDetectionRate } from './missed-detection-rate.ts';

/** The alarms of one detector on one stream, with what is known about the stream. */
export interface StreamResult {
  readonly stream: string;
  readonly detector: string;
  readonly driftAt: number | null;
  readonly length: number;
  readonly alarms: readonly number[];
  /** Elements of this stream that count towards the pooled false alarm rate; see `prefix-ledger.ts`. */
  readonly counted: { readonly from: number; readonly to: number };
}

export interface DetectorCard {
  readonly detector: string;
  /** Per 100,000 elements, over beginnings before a drift and whole streams without one. */
  readonly falseAlarms: { readonly count: number; readonly rate: WithInterval };
  readonly streams: readonly StreamCard[];
}

export interface StreamCard {
  readonly stream: string;
  readonly runs: number;
  /** This stream alone, beginnings shared with other streams included. */
  readonly falseAlarms: { readonly count: number; readonly rate: WithInterval };
  /** Null for a stream without drift. */
  readonly drift: {
    /** Of the drifts that were found. */
    readonly medianDelay: WithInterval;
    /** Of all drifts, missed ones counted as later than any. */
    readonly medianDelayOfAll: WithInterval;
    readonly missed: WithInterval;
    /** Runs with an alarm in the 5,000 elements before the drift, which left a short beginning behind. */
    readonly resetShortlyBefore: number;
  } | null;
}

/**
 * Report card of every detector over many streams: false alarms, median delay and missed share, each
 * with a 95% interval. A drift counts with the delay of the first alarm at or after it, whatever came
 * before: a false alarm that resets the detector just before the drift costs it the delay as well.
 */
export function reportCard(results: readonly StreamResult[]): DetectorCard[] {
  return unique(results.map((r) => r.detector)).map((detector) => {
    const own = results.filter((r) => r.detector === detector);
    return {
      detector,
      falseAlarms: pooled(own),
      streams: unique(own.map((r) => r.stream)).map((stream) => streamCard(own, stream)),
    };
  });
}

function pooled(own: readonly StreamResult[]): DetectorCard['falseAlarms'] {
  const elements = own.reduce((sum, r) => sum + r.counted.to - r.counted.from, 0);
  const count = own.reduce(
    (sum, r) => sum + r.alarms.filter((alarm) => alarm >= r.counted.from && alarm < r.counted.to).length,
    0,
  );
  return { count, rate: falseAlarmRate(count, elements) };
}

function streamCard(own: readonly StreamResult[], stream: string): StreamCard {
  const runs = own.filter((r) => r.stream === stream);
  const matches = runs.map((r) =>
    match({ alarms: r.alarms, drifts: r.driftAt === null ? [] : [r.driftAt], length: r.length }),
  );
  const count = matches.reduce((sum, m) => sum + m.falseAlarms.length, 0);
  const quiet = matches.reduce((sum, m) => sum + m.quietElements, 0);
  const drifts = runs.some((r) => r.driftAt !== null);
  return {
    stream,
    runs: runs.length,
    falseAlarms: { count, rate: falseAlarmRate(count, quiet) },
    drift: drifts ? found(matches) : null,
  };
}

function found(matches: readonly Match[]): NonNullable<StreamCard['drift']> {
  const shortlyBefore = (m: Match): boolean =>
    m.episodes.some((e) => m.falseAlarms.some((alarm) => alarm < e.drift && alarm >= e.drift - SHORTLY));
  const delays = detectionDelays(matches);
  const drifts = matches.reduce((sum, m) => sum + m.episodes.length, 0);
  return {
    medianDelay: medianDelay(delays),
    medianDelayOfAll: medianDelay(delays, drifts - delays.length),
    missed: missedDetectionRate(matches),
    resetShortlyBefore: matches.filter(shortlyBefore).length,
  };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

const SHORTLY = 5_000;
