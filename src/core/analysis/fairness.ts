import { eachScored, type Scored } from '../performance/measured.ts';
import { type Share, shareDifference, wilsonShare } from './wilson.ts';

/** One group against all other rows. Differences are group minus others; all shares at the threshold. */
export interface GroupFairness {
  /** Class that is taken for the positive one, of a model of classes. */
  readonly of?: string;
  readonly group: string;
  readonly n: number;
  /** Demographic parity: share of positive answers. */
  readonly selected: Share;
  readonly selectedGap: Share;
  /** Equal opportunity: share of ones that are found. */
  readonly found: Share;
  readonly foundGap: Share;
  /** Share of zeros that are taken for ones. */
  readonly falseAlarms: Share;
  readonly falseAlarmsGap: Share;
  /** Equalised odds: the larger of the two gaps above, without sign; absent when one is insufficient. */
  readonly oddsGap?: number;
  /** Calibration in the group: mean prediction minus share of ones, with the interval of the latter. */
  readonly calibrationGap: Share;
}

/**
 * Fairness by declared groups: each against all other rows, with intervals that hold for all groups and all four
 * gaps together (Bonferroni). A gap is shown when its interval leaves 0 out. The criteria cannot all hold at
 * once where groups differ in their share of ones (Kleinberg and others 2016, arXiv 1609.05807): which one
 * matters is a question to people. Misleads with labels that are themselves unfair, and in small groups.
 * Source: M. Hardt and others, Equality of Opportunity in Supervised Learning, NeurIPS 2016.
 */
export function fairness(args: {
  scored: Scored;
  groups: readonly (string | null)[];
  /** Probability from which an answer is positive. */
  threshold?: number;
  /** Which answers are positive, row by row, where the probability alone does not say. */
  positive?: readonly boolean[];
  /** How many such comparisons are looked at together; the intervals hold for all of them. */
  together?: number;
  /** Rows a group needs. */
  minimum?: number;
}): GroupFairness[] {
  const threshold = args.threshold ?? 0.5;
  const counted = new Map<string, Counts>();
  const { predictions, labels } = args.scored;
  for (const [row, group] of args.groups.entries()) {
    const name = group === null || group === '' ? 'missing' : group;
    const counts = counted.get(name) ?? { ...NONE };
    counted.set(name, counts);
    const one = { predictions: [predictions[row] ?? Number.NaN], labels: [labels[row] ?? Number.NaN] };
    eachScored(one, (probability, label) =>
      add(counts, probability, label, args.positive?.[row] ?? probability >= threshold),
    );
  }
  const all = { ...NONE };
  for (const counts of counted.values()) for (const key of KEYS) all[key] += counts[key];
  const kept = [...counted].filter(([, { n }]) => n >= (args.minimum ?? MINIMUM) && n < all.n);
  const confidence = 1 - 0.05 / Math.max(1, kept.length * CRITERIA * (args.together ?? 1));
  return kept
    .map(([group, counts]) => {
      const others = { ...NONE };
      for (const key of KEYS) others[key] = all[key] - counts[key];
      return compare(group, counts, others, confidence);
    })
    .sort((a, b) => b.n - a.n || (a.group < b.group ? -1 : 1));
}

interface Counts {
  n: number;
  ones: number;
  selected: number;
  found: number;
  predicted: number;
}

function compare(group: string, own: Counts, others: Counts, confidence: number): GroupFairness {
  const pair = (share: (counts: Counts) => Share): [Share, Share] => [
    share(own),
    shareDifference(share(own), share(others)),
  ];
  const [selected, selectedGap] = pair(({ selected: hits, n }) => wilsonShare(hits, n, confidence));
  const [found, foundGap] = pair(({ found: hits, ones }) => wilsonShare(hits, ones, confidence));
  const [falseAlarms, falseAlarmsGap] = pair((counts) =>
    wilsonShare(counts.selected - counts.found, counts.n - counts.ones, confidence),
  );
  const odds =
    foundGap.status === 'ok' && falseAlarmsGap.status === 'ok'
      ? { oddsGap: Math.max(Math.abs(foundGap.value), Math.abs(falseAlarmsGap.value)) }
      : {};
  return {
    group,
    n: own.n,
    selected,
    selectedGap,
    found,
    foundGap,
    falseAlarms,
    falseAlarmsGap,
    ...odds,
    calibrationGap: calibration(own, confidence),
  };
}

function calibration({ n, ones, predicted }: Counts, confidence: number): Share {
  const share = wilsonShare(ones, n, confidence);
  if (share.status === 'insufficient') return share;
  const mean = predicted / n;
  return { status: 'ok', value: mean - share.value, low: mean - share.high, high: mean - share.low, n };
}

function add(counts: Counts, probability: number, label: number, positive: boolean): void {
  counts.n += 1;
  counts.ones += label;
  counts.predicted += probability;
  if (!positive) return;
  counts.selected += 1;
  counts.found += label;
}

const NONE: Counts = { n: 0, ones: 0, selected: 0, found: 0, predicted: 0 };
const KEYS = ['n', 'ones', 'selected', 'found', 'predicted'] as const;
const CRITERIA = 4;
const MINIMUM = 100;
