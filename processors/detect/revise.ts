import { z } from 'zod';
import type { Change } from '../../src/core/incidents/change.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { detailOf, iso, type Verdict } from './verdict.ts';

/**
 * A window that was judged again: those of its verdicts that differ from what was said before, each with the next
 * revision, and what each said before and says now. What is the same is not said again. `changes` also has those that a
 * process wrote before it died (not `fresh`), so that the incidents hear of them.
 */
export async function reviseWindow(args: {
  clickhouse: ClickHouse;
  model: string;
  windowStartMs: number;
  verdicts: readonly Verdict[];
}): Promise<Revised> {
  const { clickhouse, model, windowStartMs } = args;
  const said = await clickhouse.rows('verdicts-of-window', { model, window_start: iso(windowStartMs) }, SAID);
  const newest = Map.groupBy(said, keyOf);
  const toWrite: Verdict[] = [];
  const changes: (Said & { fresh: boolean })[] = [];
  let lateRows = 0;
  for (const verdict of args.verdicts) {
    const [last, earlier] = newest.get(keyOf(verdict)) ?? [];
    const same = last !== undefined && isSame(last, verdict);
    if (last === undefined) toWrite.push(verdict);
    else if (!same) toWrite.push({ ...verdict, revision: last.revision + 1 });
    const before = same ? earlier : last;
    if (before === undefined) continue;
    lateRows = Math.max(lateRows, verdict.n - before.n);
    if (!saysTheSame(before, verdict)) changes.push({ ...changeOf(before, verdict), fresh: !same });
  }
  return { toWrite, changes, lateRows };
}

export interface Revised {
  readonly toWrite: readonly Verdict[];
  readonly changes: readonly (Said & { readonly fresh: boolean })[];
  /** Rows that the window has now and had not before, where its answers tell. */
  readonly lateRows: number;
}

type Said = Omit<Change, 'lateWindowMs' | 'lateRows'>;

/** Whether nothing of a row would read differently, its evidence over windows and its rows included. */
function isSame(row: SaidRow, verdict: Verdict): boolean {
  return (
    saysTheSame(row, verdict) &&
    row.p_value === (verdict.pValue ?? null) &&
    row.m === verdict.m &&
    row.rows === verdict.rows &&
    row.reference_id === verdict.referenceId &&
    row.version === verdict.version &&
    row.detail === detailOf(verdict)
  );
}

/** Whether the answer is the same, as far as a person is told. */
function saysTheSame(row: SaidRow, verdict: Verdict): boolean {
  return (
    row.verdict === verdict.verdict &&
    row.value === (verdict.value ?? null) &&
    row.effect === (verdict.effect ?? null) &&
    row.n === verdict.n
  );
}

function changeOf(before: SaidRow, after: Verdict): Said {
  return {
    model: after.model,
    kind: after.kind,
    class: after.statistic,
    feature: after.feature,
    segment: after.segment,
    windowStartMs: after.windowStartMs,
    before: {
      verdict: before.verdict,
      n: before.n,
      effectUnit: before.effect_unit,
      ...(before.value === null ? {} : { value: before.value }),
      ...(before.effect === null ? {} : { effect: before.effect }),
    },
    after: {
      verdict: after.verdict,
      n: after.n,
      effectUnit: after.effectUnit,
      effectFloor: after.effectFloor,
      ...(after.value === undefined ? {} : { value: after.value }),
      ...(after.effect === undefined ? {} : { effect: after.effect }),
    },
  };
}

function keyOf(of: { kind: string; statistic: string; feature: string; segment: string }): string {
  return [of.kind, of.statistic, of.feature, of.segment].join('\u0000');
}

const SAID = z.object({
  kind: z.string(),
  statistic: z.string(),
  feature: z.string(),
  segment: z.string(),
  verdict: z.enum(['ok', 'drift', 'insufficient', 'no-reference']),
  value: z.number().nullable(),
  effect: z.number().nullable(),
  effect_unit: z.string(),
  n: count,
  p_value: z.number().nullable(),
  m: count,
  rows: count,
  reference_id: z.string(),
  version: z.string(),
  detail: z.string(),
  revision: count,
});
type SaidRow = z.infer<typeof SAID>;
