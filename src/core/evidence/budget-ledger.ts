/**
 * The ledger of false pages: what the tests made so far may have cost, against what was allowed.
 *
 * A window judged alone at level alpha pages falsely with probability alpha at most; evidence over windows with
 * threshold A pages falsely once in A windows at most. Their sum over all tests that were made is the expected
 * number of false pages, whatever the dependence between the tests. Tests that could not be made cost nothing.
 * A statement about the average: one run may have more. Misleads where a test is not valid (see splitBudget).
 */
export function ledgerToDate(entries: readonly LedgerEntry[]): LedgerTotals {
  let totals = NOTHING_SPENT;
  for (const entry of entries) totals = addToLedger(totals, entry);
  return totals;
}

export function addToLedger(totals: LedgerTotals, entry: LedgerEntry): LedgerTotals {
  const budget = totals.budget + entry.budget;
  const expected = totals.expected + entry.expected;
  return {
    windows: totals.windows + 1,
    windowTests: totals.windowTests + entry.windowTests,
    evidenceTests: totals.evidenceTests + entry.evidenceTests,
    budget,
    expected,
    left: budget - expected,
    alarms: totals.alarms + entry.alarms,
  };
}

/** The entry of one judged window from the tests made in it. */
export function ledgerEntry(args: {
  tests: readonly BudgetedTest[];
  budget: { readonly falsePages: number; readonly perMs: number };
  paneMs: number;
}): LedgerEntry {
  const { tests, budget, paneMs } = args;
  const alone = tests.filter(({ alpha }) => alpha !== undefined);
  const together = tests.filter(({ evidenceAt }) => evidenceAt !== undefined);
  const expected =
    alone.reduce((sum, { alpha = 0 }) => sum + alpha, 0) +
    together.reduce((sum, { evidenceAt = Number.POSITIVE_INFINITY }) => sum + 1 / evidenceAt, 0);
  return {
    windowTests: alone.length,
    evidenceTests: together.length,
    budget: (budget.falsePages * paneMs) / budget.perMs,
    expected,
    alarms: tests.filter(({ alarm }) => alarm).length,
  };
}

/** One cell in one window: the level it was tested at alone, the threshold of its evidence, whether it asked for a page. */
export interface BudgetedTest {
  readonly alpha?: number;
  readonly evidenceAt?: number;
  readonly alarm: boolean;
}

export interface LedgerEntry {
  /** Windows judged alone, evidences that grew. */
  readonly windowTests: number;
  readonly evidenceTests: number;
  /** False pages allowed for the time of the window. */
  readonly budget: number;
  /** False pages expected of the tests made. */
  readonly expected: number;
  /** Tests that asked for a page, rightly or not. */
  readonly alarms: number;
}

export interface LedgerTotals extends LedgerEntry {
  readonly windows: number;
  /** Budget less expected; negative when more was tested than paid for. */
  readonly left: number;
}

export const NOTHING_SPENT: LedgerTotals = {
  windows: 0,
  windowTests: 0,
  evidenceTests: 0,
  budget: 0,
  expected: 0,
  left: 0,
  alarms: 0,
};
