import type { Baseline } from './baseline.ts';
import { extendPast, type PastScore, type SeenScore, scoreLaw, scoreOf, startPast } from './past-scores.ts';
import type { StandardScore } from './standard-scores.ts';

/**
 * Scores of a window held against the scores of the windows before it, in two ways.
 *
 * `own` is for the window alone: the score itself, drawn in where earlier scores have been as large. `news` is for evidence
 * over windows, which multiplies what each of them adds: the level of a feature that wanders (a warm week, a busy
 * day) is one piece of news and not one in every window of it. Scores follow each other as a wandering level seen through
 * the noise of the rows (see wandering-level), learned from the windows judged so far (see past-scores); news is what is
 * beyond the score that the windows before lead to, scaled to variance 1.
 *
 * Where windows do not depend on each other news are the scores. A lasting change is news when it comes and less and less
 * after that, the less the more windows depend on each other: that is what they cost. After a gap and in the first window
 * nothing is expected. Misleads where a level wanders far and what is judged is no linear function of it, as the spread
 * about a fixed rank: its excursions are rarer and larger than any normal law says.
 */
export function newsScores(args: {
  scores: readonly StandardScore[];
  baseline: Baseline;
  past: PastScores;
  /** Whether the newest of the past scores is of the window just before. */
  follows: boolean;
}): {
  own: StandardScore[];
  news: StandardScore[];
  past: PastScores;
  /** A tolerance of scores in units of news: in the first window of a shift all of it is news. */
  inNews: (tolerance: (name: string) => number) => (name: string) => number;
} {
  const { waiting, known } = settle(args.past);
  const seen: Record<string, SeenScore> = {};
  const expected: Record<string, number> = {};
  const widths = new Map<string, number>();
  const scores = args.scores.map((score) => {
    const { name, z, inflation } = score;
    const past = known[name] ?? startPast(args.baseline, name);
    known[name] = past;
    const { level, variance, newsVariance, tails } = scoreLaw(past);
    const value = z * Math.sqrt(inflation);
    const leads = args.follows ? args.past.expected[name] : undefined;
    const added = value - (leads ?? 0);
    const before = args.follows ? (args.past.waiting.at(-1)?.[name]?.score ?? 0) : 0;
    seen[name] = { score: value, added, before };
    expected[name] = level.rho * ((leads ?? 0) + level.gain * added);
    widths.set(name, level.news);
    const usual = scoreOf(value, { variance, tails });
    return {
      own: Math.abs(usual) < Math.abs(z) ? { ...score, z: usual } : score,
      news: leads === undefined ? score : { ...score, z: scoreOf(added, { variance: newsVariance, tails }) },
    };
  });
  return {
    own: scores.map(({ own }) => own),
    news: scores.map(({ news }) => news),
    past: { known, waiting: [...waiting, seen], expected },
    inNews: (tolerance) => (name) => tolerance(name) / Math.sqrt(widths.get(name) ?? 1),
  };
}

/** By component. Plain data. */
export interface PastScores {
  readonly known: Readonly<Record<string, PastScore>>;
  /** Newest windows, oldest first, that are not learned yet. */
  readonly waiting: readonly Readonly<Record<string, SeenScore>>[];
  /** Scores that they lead to. */
  readonly expected: Readonly<Record<string, number>>;
}

export const NO_SCORES: PastScores = { known: {}, waiting: [], expected: {} };

function settle(past: PastScores): {
  waiting: PastScores['waiting'];
  known: Record<string, PastScore>;
} {
  const { waiting } = past;
  const known = { ...past.known };
  const have = Math.max(0, ...Object.values(known).map(({ windows }) => windows));
  const settled = Math.max(0, waiting.length - Math.min(LONGEST_DELAY, Math.floor(have / 4)));
  for (const window of waiting.slice(0, settled))
    for (const [name, seen] of Object.entries(window)) {
      const before = known[name];
      if (before !== undefined) known[name] = extendPast(before, seen);
    }
  return { waiting: waiting.slice(settled), known };
}

/**
 * Windows that a score waits before it is learned, a quarter of those known at most: a change that is found later than
 * that passes for what is usual.
 */
const LONGEST_DELAY = 28;
