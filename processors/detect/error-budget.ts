import type { Config } from '../../src/config.ts';

/**
 * Splits the paging budget over everything that is tested. Half goes to windows judged alone: a p-value
 * counts below B / (2 W J). Half goes to evidence over windows, which counts from 2 W J / B on, W being the
 * windows in the period of the budget and J the cells tested in each. The expected number of false pages per
 * period is then at most B, whatever the dependence between the cells, as far as each test is valid.
 * `share` is the part of the budget that this family of tests may spend; see BUDGET_SHARES.
 */
export function splitBudget(args: {
  falsePages: number;
  perMs: number;
  paneMs: number;
  cells: number;
  share?: number;
}): {
  alpha: number;
  evidenceAt: number;
} {
  const allowed = args.falsePages * (args.share ?? 1);
  const tests = (2 * (args.perMs / args.paneMs) * Math.max(1, args.cells)) / allowed;
  return { alpha: Math.min(0.05, 1 / tests), evidenceAt: Math.max(20, tests) };
}

/** What one model may spend: the budget holds for all models together, and each has an equal part of it. */
export function budgetOfModel(config: Pick<Config, 'budget' | 'models'>): PageBudget {
  const models = Math.max(1, Object.keys(config.models).length);
  return { falsePages: config.budget.false_pages / models, perMs: config.budget.per };
}

export interface PageBudget {
  readonly falsePages: number;
  readonly perMs: number;
}

/** What the families of tests of one model may spend of its budget. They add up to 1. */
export const BUDGET_SHARES = {
  /** Distribution skew and data drift, every feature and segment. */
  inputs: 0.6,
  /** Values against the contract. */
  values: 0.1,
  featureSkew: 0.1,
  /** Log-loss and calibration gap. */
  concept: 0.2,
} as const;
