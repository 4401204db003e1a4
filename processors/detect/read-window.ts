import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import type { JointSignature } from '../../src/core/joint/joint-signature.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import { rangeParams } from '../panes/compute-panes.ts';
import { answerOf, labelJoin } from '../panes/join-panes.ts';
import type { ModelView, ViewedFeature } from '../panes/model-view.ts';
import {
  type OffsetRanges,
  PERFORMANCE_ROW,
  type PerformanceRow,
  REVISION_ROW,
  type RevisionRow,
  SIGNATURE_ROW,
  SKEW_ROW,
  type SkewRow,
} from '../panes/rows.ts';
import { SCHEMA_USAGE_ROW, type SchemaUsageRow } from './judge-schema.ts';
import { type LabelledRow, readLabelled } from './read-labelled.ts';
import { groupByCell, type PaneWindow, readPanes } from './references.ts';
import { readSkewPairs, type SkewPairs } from './skew-pairs.ts';
import type { StageName } from './stage.ts';

/** The reads that one window needs, as functions of the window. */
export interface WindowReader {
  servingVersion(window: Span): Promise<string>;
  panes(args: Span & { stream: string; binsId: string }): Promise<Map<string, PaneWindow[]>>;
  /** Joint signature of one pane; undefined where none was summed. */
  joint(args: Span & { binsId: string }): Promise<JointSignature | undefined>;
  revision(args: { stream: StageName; binsId: string; startMs: number }): Promise<RevisionRow | undefined>;
  revisions(args: { stream: StageName; binsId: string }): Promise<RevisionRow[]>;
  /** The pane before one, where there is one. */
  revisionBefore(args: {
    stream: StageName;
    binsId: string;
    startMs: number;
  }): Promise<RevisionRow | undefined>;
  skew(args: { startMs: number; revision: number }): Promise<SkewRow[]>;
  /** Examples behind a feature-skew verdict. */
  skewPairs(args: Span & { feature: ViewedFeature; segment: string }): Promise<SkewPairs>;
  performance(window: Span): Promise<PerformanceRow[]>;
  /** Log-loss of every label of the window, in label order. */
  losses(window: Span): Promise<number[]>;
  /** Labelled rows of one version, a sample of at most `most`. */
  labelled(args: Span & { version: string; most: number }): Promise<LabelledRow[]>;
  schemas(args: Span & { ranges: OffsetRanges }): Promise<SchemaUsageRow[]>;
  progress(): Promise<Map<string, number>>;
  /** Revision of every pane that its verdicts were last given for, by stage/start. */
  judgedRevisions(): Promise<Map<string, number>>;
  /** Deduplicated rows per pane of a raw table. */
  paneRows(table: string): Promise<Map<number, number>>;
}

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function clickHouseRows(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  config: ModelConfig;
}): WindowReader {
  const { clickhouse, view, config } = args;
  const { model } = view;
  const span = ({ fromMs, untilMs }: Span) => ({ from: new Date(fromMs), until: new Date(untilMs) });
  const revisions = ({ stream, binsId }: { stream: StageName; binsId: string }) =>
    clickhouse.rows('pane-revisions', { model, stream, bins_id: binsId }, REVISION_ROW);
  return {
    async servingVersion(window) {
      const params = { table: view.tables.serving, version: view.version, ...span(window) };
      const [row] = await clickhouse.rows('serving-version', params, z.object({ version: z.string() }));
      return row?.version ?? '';
    },
    async panes({ stream, binsId, ...window }) {
      if (binsId === '') return new Map();
      return groupByCell(await readPanes({ clickhouse, model, stream, binsId, ...window }));
    },
    async joint({ binsId, ...window }) {
      const params = { model, stream: 'serving', bins_id: binsId, ...span(window) };
      return (await clickhouse.rows('joint-signatures', params, SIGNATURE_ROW))[0];
    },
    async revision({ stream, binsId, startMs }) {
      const params = { model, stream, bins_id: binsId, pane_start: new Date(startMs) };
      return (await clickhouse.rows('pane-revision-of', params, REVISION_ROW))[0];
    },
    revisions,
    async revisionBefore({ stream, binsId, startMs }) {
      const params = { model, stream, bins_id: binsId, pane_start: new Date(startMs) };
      return (await clickhouse.rows('pane-revision-before', params, REVISION_ROW))[0];
    },
    skew: ({ startMs, revision }) =>
      clickhouse.rows('skew-counts', { model, from: new Date(startMs), revision }, SKEW_ROW),
    skewPairs: (of) => readSkewPairs({ clickhouse, view, ...of }),
    performance: (window) =>
      clickhouse.rows('performance-counts', { model, ...span(window) }, PERFORMANCE_ROW),
    async losses(window) {
      const params = labelJoin({ view, ...window, labelDelayMs: config.label_delay });
      const rows = await clickhouse.rows('label-losses', params, LOSS_ROW, answerOf(view));
      return rows.map((row) => row.loss);
    },
    labelled: (of) =>
      readLabelled({ clickhouse, view, paneMs: config.pane, labelDelayMs: config.label_delay, ...of }),
    schemas: ({ ranges, ...window }) =>
      clickhouse.rows(
        'schema-usage',
        { table: view.tables.serving, topic: view.topics.serving, ...span(window), ...rangeParams(ranges) },
        SCHEMA_USAGE_ROW,
      ),
    async paneRows(table) {
      const params = { table, pane_seconds: config.pane / 1000 };
      const rows = await clickhouse.rows('pane-rows', params, z.object({ pane_start: instant, rows: count }));
      return new Map(rows.map((row) => [row.pane_start, row.rows]));
    },
    async judgedRevisions() {
      const rows = await clickhouse.rows('judged-revisions', { model }, JUDGED_ROW);
      return new Map(rows.map((row) => [`${row.stage}/${row.window_start}`, row.revision]));
    },
    async progress() {
      const rows = await clickhouse.rows(
        'progress-of',
        { model },
        z.object({ stage: z.string(), stream_time: instant }),
      );
      return new Map(rows.map((row) => [row.stage, row.stream_time]));
    },
  };
}

const LOSS_ROW = z.object({ loss: z.number() });
const JUDGED_ROW = z.object({ stage: z.string(), window_start: instant, revision: count });
