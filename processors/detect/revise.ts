import { z } from 'zod';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { iso, type Verdict } from './verdict.ts';

/**
 * Those of a window's verdicts that differ from what was said before, each with the next revision. What is
 * the same is not said again.
 */
export async function changedVerdicts(args: {
  clickhouse: ClickHouse;
  model: string;
  windowStartMs: number;
  verdicts: readonly Verdict[];
}): Promise<Verdict[]> {
  const { clickhouse, model, windowStartMs } = args;
  const said = await clickhouse.rows('verdicts-of-window', { model, window_start: iso(windowStartMs) }, SAID);
  const newest = new Map(said.map((row) => [keyOf(row), row]));
  return args.verdicts.flatMap((verdict) => {
    const row = newest.get(keyOf(verdict));
    if (row === undefined) return [verdict];
    const same =
      row.verdict === verdict.verdict &&
      row.value === (verdict.value ?? null) &&
      row.effect === (verdict.effect ?? null) &&
      row.n === verdict.n &&
      row.evidence === verdict.evidence;
    return same ? [] : [{ ...verdict, revision: row.revision + 1 }];
  });
}

function keyOf(of: { kind: string; statistic: string; feature: string; segment: string }): string {
  return [of.kind, of.statistic, of.feature, of.segment].join('\u0000');
}

const SAID = z.object({
  kind: z.string(),
  statistic: z.string(),
  feature: z.string(),
  segment: z.string(),
  verdict: z.string(),
  value: z.number().nullable(),
  effect: z.number().nullable(),
  n: count,
  evidence: z.string(),
  revision: count,
});
