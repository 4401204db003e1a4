import { z } from 'zod';
import type { Evaluation } from '../../src/core/tuning/evaluate-candidate.ts';
import {
  type SearchPlan,
  searchState,
  type Trial,
  type TrialResult,
} from '../../src/core/tuning/search-plan.ts';
import type { Candidate } from '../../src/core/tuning/search-space.ts';
import type { Journal } from '../../src/io/files/journal.ts';
import type { TrialPool } from '../../src/io/trainers/trial-pool.ts';

/** What a tuning came to. */
export interface Tuned {
  /** The last rung, best first; candidate 0 is the settings as they are. */
  readonly ranking: readonly TrialResult[];
  readonly results: readonly TrialResult[];
  /** Trials that an earlier run had in the journal already. */
  readonly resumed: number;
}

/**
 * Runs a search to its end: what the journal has is not done again, and every further result is on the disk
 * before it counts. The order in which threads finish changes nothing, so the same arguments give the
 * same ranking, however often the process was killed on the way.
 */
export async function tune(args: {
  plan: SearchPlan;
  candidates: readonly Candidate[];
  /** Settings that every candidate starts from. */
  settings: Readonly<Record<string, unknown>>;
  journal: Journal;
  pool: TrialPool;
  /** Called with every result, those of earlier runs first. */
  onResult(results: readonly TrialResult[], resumed: number): void;
}): Promise<Tuned> {
  const { plan, candidates, journal, pool } = args;
  const results: TrialResult[] = journal.entries.map((entry) => RESULT.parse(entry));
  const resumed = results.length;
  if (resumed > 0) args.onResult(results, resumed);

  async function run(trial: Trial): Promise<void> {
    const share = plan.rungs[trial.rung]?.share ?? 1;
    const settings = { ...args.settings, ...candidates[trial.candidate] };
    const evaluation: Evaluation = await pool.run({ settings, share });
    const result = { ...trial, ...evaluation };
    await journal.append(result);
    results.push(result);
    args.onResult(results, resumed);
  }

  for (;;) {
    const state = searchState(plan, results);
    if (state.status === 'done') return { ranking: state.ranking, results, resumed };
    await Promise.all(state.trials.map(run));
  }
}

const RESULT = z.intersection(
  z.object({ candidate: z.int(), rung: z.int() }),
  z.discriminatedUnion('status', [
    z.object({ status: z.literal('measured'), loss: z.number(), n: z.int(), folds: z.array(z.number()) }),
    z.object({ status: z.literal('failed'), why: z.string() }),
  ]),
);
