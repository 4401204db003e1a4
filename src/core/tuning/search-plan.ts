/** How a search spends its trials: in each rung every candidate that is left trains on a share of the rows. */
export interface SearchPlan {
  readonly candidates: number;
  readonly rungs: readonly Rung[];
}

export interface Rung {
  /** Share of each fold's training rows, above 0 and up to 1; the last rung has 1. */
  readonly share: number;
  /** Candidates that take part. */
  readonly candidates: number;
}

/** One candidate on one rung. */
export interface Trial {
  readonly candidate: number;
  readonly rung: number;
}

/** What a trial came to: the mean loss over the validation rows of all folds, or why there is none. */
export type TrialResult = Trial &
  (
    | {
        readonly status: 'measured';
        /** Mean loss over `n` validation rows. */
        readonly loss: number;
        readonly n: number;
        /** Mean loss of each fold. */
        readonly folds: readonly number[];
      }
    | { readonly status: 'failed'; readonly why: string }
  );

export type SearchState =
  | { readonly status: 'open'; readonly rung: number; readonly trials: readonly Trial[] }
  /** `ranking` is the last rung, best first. */
  | { readonly status: 'done'; readonly ranking: readonly TrialResult[] };

/**
 * Random search is one rung with all rows. Successive halving starts all candidates on a small share of the
 * rows and lets the best `1 / keepOneIn` of each rung go on with `keepOneIn` times as many.
 * Halving misleads when what is best on few rows is not best on many, as with strong regularisation.
 * Source: Jamieson and Talwalkar, AISTATS 2016; Li et al., Hyperband, JMLR 18 (2018).
 */
export function planSearch(args: {
  search: 'random' | 'halving';
  candidates: number;
  keepOneIn: number;
}): SearchPlan {
  const { candidates, keepOneIn } = args;
  if (args.search === 'random') return { candidates, rungs: [{ share: 1, candidates }] };
  const rungs: Rung[] = [];
  for (let left = candidates; rungs.length < MOST_RUNGS; left = Math.ceil(left / keepOneIn)) {
    rungs.push({ share: 1, candidates: left });
    if (left <= keepOneIn) break;
  }
  return {
    candidates,
    rungs: rungs.map((rung, at) => ({ ...rung, share: keepOneIn ** (at + 1 - rungs.length) })),
  };
}

/** Rungs beyond which the first share would be too small to tell anything. */
const MOST_RUNGS = 4;

/**
 * What is to be tried next, or the end. A pure function of the results so far, whatever their order: a search
 * that was killed goes on from its journal to the same end. Candidate 0, the settings as they are, is never
 * dropped, so that the winner is compared with it on the same rows. Ties go to the lower number.
 */
export function searchState(plan: SearchPlan, results: readonly TrialResult[]): SearchState {
  let ranking: readonly TrialResult[] = [];
  let left: readonly number[] = Array.from({ length: plan.candidates }, (_, candidate) => candidate);
  for (const [rung, { candidates }] of plan.rungs.entries()) {
    if (rung > 0) left = survivors(ranking, candidates);
    const known = new Map(
      results.filter((result) => result.rung === rung).map((result) => [result.candidate, result]),
    );
    const open = left.filter((candidate) => !known.has(candidate));
    if (open.length > 0)
      return { status: 'open', rung, trials: open.map((candidate) => ({ candidate, rung })) };
    ranking = left.flatMap((candidate) => known.get(candidate) ?? []).sort(byLoss);
  }
  return { status: 'done', ranking };
}

/** Trials that a search takes at most. */
export function trialsOf(plan: SearchPlan): number {
  return plan.rungs.reduce((sum, rung) => sum + rung.candidates, 0);
}

/** The best so far on the highest rung that has a result. */
export function bestSoFar(results: readonly TrialResult[]): TrialResult | undefined {
  const measured = results.filter(({ status }) => status === 'measured');
  const top = Math.max(...measured.map(({ rung }) => rung));
  return measured.filter(({ rung }) => rung === top).sort(byLoss)[0];
}

function survivors(ranking: readonly TrialResult[], count: number): readonly number[] {
  const best = ranking.slice(0, count).map(({ candidate }) => candidate);
  const kept = best.includes(0) ? best : [0, ...best.slice(0, Math.max(1, count - 1))];
  return kept.sort((a, b) => a - b);
}

function byLoss(a: TrialResult, b: TrialResult): number {
  return lossOf(a) - lossOf(b) || a.candidate - b.candidate;
}

function lossOf(result: TrialResult): number {
  return result.status === 'measured' ? result.loss : Number.MAX_VALUE;
}
