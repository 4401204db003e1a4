import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import type { ValuesPane } from '../../src/core/evidence/judge-values.ts';
import { prepareReference, type Reference } from '../../src/core/evidence/reference.ts';
import type { JointBasis } from '../../src/core/joint/joint-basis.ts';
import type { JointPast } from '../../src/core/joint/joint-past.ts';
import type { BinnedCalibration } from '../../src/core/performance/binned-estimate.ts';
import { PREDICTION_BINS } from '../../src/core/performance/prediction-bins.ts';
import type { Bins } from '../../src/core/summaries/bins.ts';
import type { Season } from '../../src/core/windows/pane.ts';
import { isWithinAny } from '../../src/core/windows/span.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import { fitReference, REFERENCE, referenceId } from '../panes/fit-reference.ts';
import { jointBasisOf } from '../panes/joint-pane.ts';
import type { ModelView } from '../panes/model-view.ts';
import { PANE_ROW, type PaneRow } from '../panes/rows.ts';
import { watchedFeatures } from '../panes/watched-features.ts';
import { loadSnapshotPast } from './joint-snapshot.ts';

/** A training snapshot as windows are compared with it, and what its version did on its validation rows. */
export interface VersionReference {
  readonly version: string;
  readonly id: string;
  readonly categories: ReadonlyMap<string, readonly string[]>;
  /** Axes of the joint signature; undefined when fewer than two features vary. */
  readonly joint?: JointBasis;
  /** How features went together in the windows of the snapshot; undefined where that is not watched. */
  readonly jointPast?: JointPast;
  /** Reference of one cell; undefined when the snapshot has no such segment. */
  cell(feature: string, segment: string): Reference | undefined;
  readonly performance: { readonly logLoss: number; readonly rows: number };
  /** Validation rows by the bin of their prediction; undefined for versions from before these were counted. */
  readonly calibration?: BinnedCalibration;
  /** Panes of the snapshot. */
  readonly windows: number;
}

/** Loads the reference of a version, fitting it the first time. Undefined when the version is not registered. */
export async function loadVersionReference(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  version: string;
  config: ReferenceConfig;
}): Promise<VersionReference | undefined> {
  const { clickhouse, view, version, config } = args;
  const [row] = await clickhouse.rows('model-version', { model: view.model, version }, VERSION_ROW);
  if (row === undefined) return undefined;
  const ranges = { partitions: row.partitions, firstOffsets: row.first_offsets, endOffsets: row.end_offsets };
  const window = { fromMs: row.window_start, untilMs: row.window_end };
  const id = referenceId({ view, version, ranges, ...window });
  if (!(await isFitted(clickhouse, view.model, id))) {
    await fitReference({
      clickhouse,
      view,
      version,
      ...window,
      paneMs: config.pane,
      ranges,
      rows: row.snapshot_rows,
    });
  }
  const panes = await readPanes({
    clickhouse,
    model: view.model,
    stream: REFERENCE,
    binsId: id,
    fromMs: 0,
    untilMs: FAR,
  });
  const bins = await clickhouse.rows('bins-of', { bins_id: id, model: view.model }, BINS_ROW);
  const counted = view.task !== 'classification' || bins.some(({ feature }) => feature === view.prediction);
  if (!counted) await keepPredictionBins(args, id);
  const calibration = calibrationOf(row.metrics);
  const cells = groupByCell(
    panes.filter(({ pane_start }) => !isWithinAny(pane_start, config.pane, config.reference.exclude)),
  );
  const joint = jointBasisOf({
    view,
    bins: new Map(bins.map((bin) => [bin.feature, binsOf(bin)])),
    panesOf: (feature) => (cells.get(cellKey(feature, '')) ?? []).map(({ pane }) => pane),
  });
  const jointPast =
    joint === undefined || !config.joint
      ? undefined
      : await loadSnapshotPast({ clickhouse, view, config, id, basis: joint, ranges, ...window, cells });
  return versionReferenceOf({
    version,
    id,
    view,
    season: config.season,
    categories: new Map(bins.map((bin) => [bin.feature, bin.categories])),
    performance: { logLoss: row.baseline_log_loss, rows: row.validation_rows },
    cells,
    ...(joint === undefined ? {} : { joint }),
    ...(jointPast === undefined ? {} : { jointPast }),
    ...(calibration === undefined ? {} : { calibration }),
  });
}

/** The settings that a reference is made by. */
export type ReferenceConfig = Pick<ModelConfig, 'pane' | 'season' | 'joint' | 'reference' | 'minimum_rows'>;

/** A reference from its panes, wherever they were counted. Cells are prepared when they are first asked for. */
export function versionReferenceOf(args: {
  version: string;
  id: string;
  view: ModelView;
  season: Season;
  categories: VersionReference['categories'];
  performance: VersionReference['performance'];
  cells: ReadonlyMap<string, readonly PaneWindow[]>;
  joint?: JointBasis;
  jointPast?: JointPast;
  calibration?: BinnedCalibration;
}): VersionReference {
  const { version, id, view, season, categories, performance, cells } = args;
  const prepared = new Map<string, Reference>();
  return {
    version,
    id,
    categories,
    performance,
    ...(args.joint === undefined ? {} : { joint: args.joint }),
    ...(args.jointPast === undefined ? {} : { jointPast: args.jointPast }),
    ...(args.calibration === undefined ? {} : { calibration: args.calibration }),
    windows: new Set([...cells.values()].flatMap((windows) => windows.map(({ startMs }) => startMs))).size,
    cell(feature, segment) {
      const key = cellKey(feature, segment);
      const known = prepared.get(key);
      const windows = cells.get(key);
      if (known !== undefined || windows === undefined) return known;
      const kind =
        watchedFeatures(view.features).find(({ field }) => field.name === feature)?.kind ?? 'categorical';
      const reference = prepareReference({ id, kind, season, frozen: true, windows });
      prepared.set(key, reference);
      return reference;
    },
  };
}

/** Panes of one stream in one set of bins, newest revisions only, in order of time. */
export async function readPanes(args: {
  clickhouse: ClickHouse;
  model: string;
  stream: string;
  binsId: string;
  fromMs: number;
  untilMs: number;
}): Promise<PaneRow[]> {
  return args.clickhouse.rows(
    'pane-counts',
    {
      model: args.model,
      stream: args.stream,
      bins_id: args.binsId,
      from: new Date(args.fromMs),
      until: new Date(args.untilMs),
    },
    PANE_ROW,
  );
}

export interface PaneWindow {
  readonly startMs: number;
  readonly pane: ValuesPane;
}

export function groupByCell(rows: readonly PaneRow[]): Map<string, PaneWindow[]> {
  const cells = new Map<string, PaneWindow[]>();
  for (const row of rows) {
    const key = cellKey(row.feature, row.segment);
    const windows = cells.get(key) ?? [];
    windows.push({ startMs: row.pane_start, pane: row });
    cells.set(key, windows);
  }
  return cells;
}

export function cellKey(feature: string, segment: string): string {
  return `${feature}\u0000${segment}`;
}

function binsOf(row: z.infer<typeof BINS_ROW>): Bins {
  const { kind, edges, categories, others } = row;
  return kind === 'numeric' ? { kind, edges } : { kind, categories, others };
}

async function isFitted(clickhouse: ClickHouse, model: string, id: string): Promise<boolean> {
  const found = await clickhouse.rows(
    'reference-window',
    { model, reference_id: id },
    z.object({ reference_id: z.string() }),
  );
  return found.length > 0;
}

/** The fixed bins of predictions beside the fitted ones of the features, so that one statement counts them all. */
async function keepPredictionBins(
  { clickhouse, view }: { clickhouse: ClickHouse; view: ModelView },
  binsId: string,
): Promise<void> {
  await clickhouse.insert('bins', [
    {
      bins_id: binsId,
      model: view.model,
      feature: view.prediction,
      kind: PREDICTION_BINS.kind,
      edges: PREDICTION_BINS.edges,
      categories: [],
      others: [],
      distinct: 0,
      mean: null,
      sd: null,
    },
  ]);
}

/** What the trainer counted on the validation rows; undefined when it did not. */
function calibrationOf(metrics: string): BinnedCalibration | undefined {
  return METRICS.parse(JSON.parse(metrics === '' ? '{}' : metrics)).calibration;
}

/** Year 2100: the end of the event times that are kept apart. */
const FAR = Date.UTC(2100, 0, 1);
const VERSION_ROW = z.object({
  version: z.string(),
  topic: z.string(),
  partitions: z.array(z.number()),
  first_offsets: z.array(count),
  end_offsets: z.array(count),
  window_start: instant,
  window_end: instant,
  snapshot_rows: count,
  baseline_log_loss: z.number(),
  baseline_log_loss_sd: z.number(),
  validation_rows: count,
  metrics: z.string(),
});
const METRICS = z.object({
  calibration: z.object({ counts: z.array(count), positives: z.array(count) }).optional(),
});
const BINS_ROW = z.object({
  feature: z.string(),
  kind: z.enum(['numeric', 'categorical']),
  edges: z.array(z.number()),
  categories: z.array(z.string()),
  others: z.array(z.string()),
});
