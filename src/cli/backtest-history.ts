import { sayCost } from '../../processors/backtest/page-cost.ts';
import { replayHistory } from '../../processors/backtest/replay-history.ts';
import { budgetOfModel } from '../../processors/detect/error-budget.ts';
import { loadContracts } from '../../processors/load-contracts.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import { openClickHouse } from '../io/clickhouse/client.ts';
import { openRegistry } from '../io/registry/registry.ts';
import type { BacktestFlags } from './backtest.ts';
import { budgetWords, isKnown, modelOf, overBudget, readRange, readTime } from './backtest-config.ts';
import { verdictLine } from './backtest-files.ts';
import type { Output } from './backtest-run.ts';
import { loadSettings } from './settings.ts';

/** `--from TIME --until TIME`: the stored panes under another configuration, beside what was paged. */
export async function replayStored(flags: BacktestFlags, out: Output): Promise<Error | undefined> {
  const settings = loadSettings({
    home: flags.home,
    portOffset: flags.portOffset,
    ...(flags.config === undefined ? {} : { config: flags.config }),
  });
  const { name, settings: model } = modelOf(settings.config, flags.model);
  const [fromMs, untilMs] = [readTime(flags.from ?? ''), readTime(flags.until ?? '')];
  const budget = budgetOfModel(settings.config);
  const clickhouse = openClickHouse({ ...settings.clickhouse, database: settings.config.database });
  try {
    const contracts = await loadContracts({
      registry: openRegistry({ url: settings.registryUrl }),
      model: name,
    });
    const view = viewModel({ ...contracts, segments: model.segments });
    const result = await replayHistory({ clickhouse, view, config: model, budget, fromMs, untilMs });
    if (flags.json)
      for (const verdict of result.verdicts)
        out.line({ kind: verdict.kind, ...verdictLine(verdict, undefined) }, '');
    const known = (flags.known ?? []).map(readRange);
    const before = new Map(result.paged.map((page) => [page.id, page]));
    for (const { incident, atMs, cost } of result.pages) {
      const was = before.get(incident.id);
      before.delete(incident.id);
      const change = was === undefined ? 'new' : 'as before';
      const at = new Date(atMs).toISOString();
      out.line(
        {
          page: incident.id,
          change,
          at,
          kind: incident.kind,
          severity: incident.severity,
          summary: incident.summary,
          cost,
        },
        `${at}  ${change}  ${incident.summary}; ${sayCost(cost)}`,
      );
    }
    for (const { id, kind, reported, summary } of before.values()) {
      const at = new Date(reported).toISOString();
      out.line({ page: id, change: 'gone', at, kind, summary }, `${at}  gone  ${summary}`);
    }
    const unexplained = result.pages.filter(({ incident }) => !isKnown(incident.beganMs, known)).length;
    const expected = (unexplained * budget.perMs) / Math.max(budget.perMs, untilMs - fromMs);
    const count = (verdict: string) => result.verdicts.filter((one) => one.verdict === verdict).length;
    const totals = {
      windows: result.windows,
      features: view.features.length,
      drift: count('drift'),
      ok: count('ok'),
      insufficient: count('insufficient') + count('no-reference'),
      pages: result.pages.length,
      paged: result.paged.length,
      known_pages: result.pages.length - unexplained,
      expected_pages: expected,
      expected_false_pages: result.expectedFalsePages,
      budget: budgetWords(budget),
    };
    out.line(totals, JSON.stringify(totals));
    return expected > budget.falsePages ? overBudget(expected, totals.budget) : undefined;
  } finally {
    await clickhouse.close();
  }
}
