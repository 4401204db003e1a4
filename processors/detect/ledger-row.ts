import { type BudgetedTest, type LedgerEntry, ledgerEntry } from '../../src/core/evidence/budget-ledger.ts';
import { BUDGET_SHARES, type PageBudget } from './error-budget.ts';
import type { StageName } from './stage.ts';
import { iso, type Verdict } from './verdict.ts';

/** Row of `budget_ledger` for one judged window; undefined when nothing was judged. Its bytes depend on the verdicts alone. */
export function ledgerRow(args: {
  model: string;
  stage: StageName;
  verdicts: readonly Verdict[];
  budget: PageBudget;
  paneMs: number;
}): Record<string, string | number> | undefined {
  const [first] = args.verdicts;
  if (first === undefined) return undefined;
  const entry: LedgerEntry = ledgerEntry({
    tests: testsOf(args.verdicts),
    budget: { ...args.budget, falsePages: args.budget.falsePages * SHARES[args.stage] },
    paneMs: args.paneMs,
  });
  return {
    model: args.model,
    stage: args.stage,
    window_start: iso(first.windowStartMs),
    revision: first.revision,
    window_tests: entry.windowTests,
    evidence_tests: entry.evidenceTests,
    budget: entry.budget,
    expected: entry.expected,
    alarms: entry.alarms,
  };
}

/** False pages to be expected of the tests behind these verdicts. */
export function expectedFalsePagesOf(verdicts: readonly Verdict[]): number {
  return ledgerEntry({ tests: testsOf(verdicts), budget: NO_BUDGET, paneMs: 0 }).expected;
}

function testsOf(verdicts: readonly Verdict[]): BudgetedTest[] {
  return verdicts.flatMap((verdict) => testOf(verdict) ?? []);
}

const NO_BUDGET: PageBudget = { falsePages: 0, perMs: 1 };

/** A lasting drift is no new page. */
function testOf(verdict: Verdict): BudgetedTest | undefined {
  if (verdict.verdict !== 'ok' && verdict.verdict !== 'drift') return undefined;
  const { detail } = verdict;
  const evidenceAt = detail['over_windows_threshold'];
  const alone = verdict.pValue !== undefined && detail['judged_alone'] !== false;
  return {
    ...(alone ? { alpha: verdict.threshold } : {}),
    ...(typeof evidenceAt === 'number' ? { evidenceAt } : {}),
    alarm: verdict.verdict === 'drift' && detail['channel'] !== 'lasting',
  };
}

/** Each stage writes its own row, with the part of the budget that its tests may spend. */
const SHARES: Readonly<Record<StageName, number>> = {
  serving: BUDGET_SHARES.inputs + BUDGET_SHARES.values,
  skew: BUDGET_SHARES.featureSkew,
  labels: BUDGET_SHARES.concept,
};
