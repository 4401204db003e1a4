/**
 * Splits the paging budget over everything that is tested. Half goes to windows judged alone: a p-value
 * counts below B / (2 W J). Half goes to evidence over windows, which counts from 2 W J / B on, W being the
 * windows in the period of the budget and J the cells tested in each. The expected number of false pages per
 * period is then at most B, whatever the dependence between the cells, as far as each test is valid.
 */
export function splitBudget(args: { falsePages: number; perMs: number; paneMs: number; cells: number }): {
  alpha: number;
  evidenceAt: number;
} {
  const tests = (2 * (args.perMs / args.paneMs) * Math.max(1, args.cells)) / args.falsePages;
  return { alpha: Math.min(0.05, 1 / tests), evidenceAt: Math.max(20, tests) };
}
