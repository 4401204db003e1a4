import type { ClickHouse, Params } from '../../src/io/clickhouse/client.ts';
import { SOURCE_ROW } from './rows.ts';

/**
 * Reduces panes in between: counts the rows behind them first, and writes which revision is the one to read last, with
 * that count. So a reader sees all of a revision or none of it; and a row that comes while the panes are reduced is in
 * them or not, but never in the count, so that whoever compares the count with what is stored sees that it came later.
 * Resolves with the number of panes that have rows.
 */
export async function withRevision(
  args: {
    clickhouse: ClickHouse;
    model: string;
    stream: string;
    /** Sets of bins that the panes are counted in; one empty name for panes without. */
    binsIds: readonly string[];
    paneMs: number;
    revision: number;
    version: string;
    streamTimeMs: number;
    /** Parameters of pane-sources. */
    sources: Params;
  },
  reduce: () => Promise<unknown>,
): Promise<number> {
  const { clickhouse, paneMs } = args;
  const params = { ...args.sources, pane_seconds: paneMs / 1_000 };
  const sources = await clickhouse.rows('pane-sources', params, SOURCE_ROW);
  await reduce();
  const rows = sources.flatMap(({ pane_start: startMs, ...source }) =>
    args.binsIds.map((bins_id) => ({
      model: args.model,
      stream: args.stream,
      bins_id,
      pane_start: new Date(startMs).toISOString(),
      revision: args.revision,
      pane_end: new Date(startMs + paneMs).toISOString(),
      ...source,
      version: args.version,
      watermark: new Date(args.streamTimeMs).toISOString(),
    })),
  );
  await clickhouse.insert('pane_revisions', rows);
  return sources.length;
}
