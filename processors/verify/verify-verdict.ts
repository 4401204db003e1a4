import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import { DRIFT_KINDS } from '../../src/core/incidents/finding.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { PageBudget } from '../detect/error-budget.ts';
import { clickHouseRows } from '../detect/read-window.ts';
import { reduceWindow } from '../detect/reduce-window.ts';
import type { StageName, Task } from '../detect/stage.ts';
import { type Origin, type Verdict, verdictRow } from '../detect/verdict.ts';
import { openWindowJudge } from '../detect/window-judge.ts';
import { sinceOf } from '../panes/join-panes.ts';
import { openAxes } from '../panes/joint-pane.ts';
import type { ModelView } from '../panes/model-view.ts';

/**
 * Computes one verdict again from the stored rows and compares it with what is stored, column by column and byte by byte.
 *
 * A verdict also rests on earlier windows and on training snapshots, so these are reduced from their rows as well: the
 * rows are copied into `scratch`, an empty database, in the offset ranges that the verdict and the earlier panes name,
 * and every window of the stage up to it is decided there by the code that decides live. The stored panes are not used.
 *
 * Taken as stored, because rows do not tell them: the revision, and the stream time of a revision above 0. A revision
 * that late rows superseded may differ, since earlier windows are judged as they are known now.
 *
 * Throws CONFIG_INVALID when there is no such verdict or it was made with another configuration.
 */
export async function verifyVerdict(args: {
  clickhouse: ClickHouse;
  /** Name of the database of `clickhouse`. */
  source: string;
  /** Another database of the same server, with all tables and no rows. */
  scratch: ClickHouse;
  view: ModelView;
  config: ModelConfig;
  budget: PageBudget;
  origin: Origin;
  stored: StoredVerdict;
  onWindow?(done: number, of: number): void;
}): Promise<Verification> {
  const { clickhouse, scratch, view, config, origin, stored } = args;
  if (stored.config_hash !== origin.configHash) throw otherConfiguration(stored, origin);
  const startMs = Date.parse(stored.window_start);
  const stage = STAGE_OF[stored.kind];
  const [newest] = await clickhouse.rows('verify-newest', stored, z.object({ revision: count }));
  await copyRows({ ...args, stage, startMs });
  const params = { model: view.model, stream: stage, until: new Date(startMs) };
  const panes = await clickhouse.rows('verify-panes', params, z.object({ pane_start: instant }));
  // Windows of one join by id remember nothing.
  const starts = stage === 'skew' ? [startMs] : panes.map(({ pane_start }) => pane_start);
  const read = clickHouseRows({ clickhouse: scratch, view, config });
  const axes = openAxes({ clickhouse: scratch, model: view.model });
  const judge = openWindowJudge({ clickhouse: scratch, view, config, budget: args.budget, read });
  let verdicts: readonly Verdict[] = [];
  for (const [index, at] of starts.entries()) {
    const delayMs = stage === 'skew' ? config.disorder.training : 0;
    const task: Task = { stage, startMs: at, revision: 0, readyMs: at + config.pane + delayMs };
    await reduceWindow({ clickhouse: scratch, view, config, read, judge, axes, task });
    verdicts = (await judge.decide(task)) ?? [];
    args.onWindow?.(index + 1, starts.length);
  }
  const again = verdicts.find((verdict) => isSameAnswer(verdict, stored));
  return {
    verdictId: stored.verdict_id,
    differences: again === undefined ? [MISSING] : differencesOf(stored, again, origin),
    windows: starts.length,
    rows: stored.rows,
    codeVersion: { stored: stored.code_version, running: origin.codeVersion },
    supersededBy: (newest?.revision ?? 0) > stored.revision ? (newest?.revision ?? 0) : null,
  };
}

export interface Verification {
  readonly verdictId: string;
  /** Columns that differ; none when the verdict is what its rows give. */
  readonly differences: readonly Difference[];
  /** Windows that were decided again, the verdict's own included. */
  readonly windows: number;
  /** Rows in the window of the verdict. */
  readonly rows: number;
  readonly codeVersion: { readonly stored: string; readonly running: string };
  /** The newest revision, when the verdict is an earlier one. */
  readonly supersededBy: number | null;
}

export interface Difference {
  readonly column: string;
  readonly stored: string;
  readonly recomputed: string;
}

/** The stored row. Throws CONFIG_INVALID when there is none. */
export async function readStoredVerdict(clickhouse: ClickHouse, id: string): Promise<StoredVerdict> {
  const [row] = await clickhouse.rows('verify-verdict', { verdict_id: id }, STORED_VERDICT);
  if (row !== undefined) return row;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `There is no verdict ${id}.`,
    next: 'Take a verdict_id from drift_history or verdicts.',
  });
}

async function copyRows(args: {
  clickhouse: ClickHouse;
  source: string;
  scratch: ClickHouse;
  view: ModelView;
  config: ModelConfig;
  stored: StoredVerdict;
  stage: StageName;
  startMs: number;
}): Promise<void> {
  const { clickhouse, scratch, source, view, config, stored, stage, startMs } = args;
  const { tables, model } = view;
  const endMs = startMs + config.pane;
  for (const table of ['model_versions', 'writer_schemas', 'dead_letters'])
    await scratch.run('verify-copy-table', { source, table });
  const own = stage === 'labels' ? tables.labels : tables.serving;
  await scratch.run('verify-copy-judged', {
    source,
    table: own,
    model,
    stream: stage,
    from: new Date(startMs),
    until: new Date(endMs),
    pane_seconds: config.pane / 1_000,
    partitions: stored.partitions,
    end_offsets: stored.end_offsets,
  });
  const [versions] = await clickhouse.rows('verify-versions-end', { model }, VERSIONS_END);
  const { joined_partitions: partitions, joined_end_offsets: end_offsets } = stored;
  const copy = (table: string, untilMs: number, boundedMs = untilMs) =>
    scratch.run('verify-copy-rows', {
      source,
      table,
      from: new Date(0),
      until: new Date(untilMs),
      bounded: new Date(boundedMs),
      partitions,
      end_offsets,
    });
  if (stage === 'skew') return copy(tables.training, endMs, startMs);
  await copy(tables.training, versions === undefined || versions.versions === 0 ? 0 : versions.until);
  const { label_delay: labelDelayMs } = config;
  if (stage === 'labels')
    await copy(tables.serving, endMs, sinceOf({ fromMs: startMs, untilMs: endMs, labelDelayMs }));
}

function isSameAnswer(verdict: Verdict, stored: StoredVerdict): boolean {
  return (
    verdict.kind === stored.kind &&
    verdict.statistic === stored.statistic &&
    verdict.feature === stored.feature &&
    verdict.segment === stored.segment
  );
}

/** Both rows as JSON, column by column. The code version is reported beside, not compared. */
function differencesOf(stored: StoredVerdict, verdict: Verdict, origin: Origin): Difference[] {
  const streamTimeMs = stored.revision > 0 ? Date.parse(stored.stream_time) : verdict.streamTimeMs;
  const again = verdictRow({ ...verdict, revision: stored.revision, streamTimeMs }, origin);
  return Object.entries(stored).flatMap(([column, value]) => {
    const [left, right] = [JSON.stringify(value), JSON.stringify(again[column])];
    if (column === 'code_version' || left === right) return [];
    return [{ column, stored: left, recomputed: right }];
  });
}

function otherConfiguration(stored: StoredVerdict, origin: Origin): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The verdict was made with the configuration ${stored.config_hash}; the one given is ${origin.configHash}.`,
    next: 'Name the driftwatch.yaml it was made with by --config.',
  });
}

const MISSING: Difference = {
  column: 'verdict',
  stored: 'a row',
  recomputed: 'no answer on this feature and segment',
};
const STAGE_OF: Readonly<Record<StoredVerdict['kind'], StageName>> = {
  'schema-skew': 'serving',
  'distribution-skew': 'serving',
  'data-drift': 'serving',
  'feature-skew': 'skew',
  'concept-drift': 'labels',
};
const VERSIONS_END = z.object({ until: instant, versions: count });
const number = z.number().nullable();
const STORED_VERDICT = z.object({
  verdict_id: z.string(),
  model: z.string(),
  kind: z.enum(DRIFT_KINDS),
  feature: z.string(),
  segment: z.string(),
  window_start: z.string(),
  window_end: z.string(),
  revision: count,
  verdict: z.string(),
  statistic: z.string(),
  value: number,
  p_value: number,
  effect: number,
  effect_unit: z.string(),
  effect_floor: z.number(),
  threshold: z.number(),
  n: count,
  m: count,
  need: count,
  reference_id: z.string(),
  version: z.string(),
  detail: z.string(),
  topic: z.string(),
  partitions: z.array(z.number()),
  first_offsets: z.array(count),
  end_offsets: z.array(count),
  joined_topic: z.string(),
  joined_partitions: z.array(z.number()),
  joined_first_offsets: z.array(count),
  joined_end_offsets: z.array(count),
  rows: count,
  config_hash: z.string(),
  code_version: z.string(),
  stream_time: z.string(),
});
export type StoredVerdict = z.infer<typeof STORED_VERDICT>;
