import type { JointBasis } from '../../src/core/joint/joint-basis.ts';
import { jointComponents } from '../../src/core/joint/joint-components.ts';
import { type JointPast, learnJointPast } from '../../src/core/joint/joint-past.ts';
import type { JointSignature } from '../../src/core/joint/joint-signature.ts';
import { seasonOf } from '../../src/core/windows/pane.ts';
import type { PaneCounts } from '../../src/core/windows/pane-counts.ts';
import { isWithinAny } from '../../src/core/windows/span.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { rangeParams } from '../panes/compute-panes.ts';
import { REFERENCE } from '../panes/fit-reference.ts';
import { computeJointPanes, storeAxes } from '../panes/joint-pane.ts';
import type { ModelView } from '../panes/model-view.ts';
import { type OffsetRanges, SIGNATURE_ROW } from '../panes/rows.ts';
import { cellKey, type PaneWindow, type ReferenceConfig } from './references.ts';

/** How features went together in the windows of a training snapshot, summed in the database the first time. */
export async function loadSnapshotPast(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  config: ReferenceConfig;
  /** Of the reference, and of its bins. */
  id: string;
  basis: JointBasis;
  ranges: OffsetRanges;
  fromMs: number;
  untilMs: number;
  /** Panes of the reference by cell. */
  cells: ReadonlyMap<string, readonly PaneWindow[]>;
}): Promise<JointPast> {
  const { clickhouse, config, id, basis, cells } = args;
  const { model } = args.view;
  const own = { model, stream: REFERENCE, bins_id: id };
  const all = { ...own, from: new Date(0), until: new Date(FAR) };
  let rows = await clickhouse.rows('joint-signatures', all, SIGNATURE_ROW);
  // Summed on other axes, by a version that had fewer: once more.
  if (rows.every(({ sums }) => sums.length !== basis.axes.length)) {
    await storeAxes({ clickhouse, model, binsId: id, basis });
    const shared = {
      ...own,
      table: args.view.tables.training,
      from: new Date(args.fromMs),
      until: new Date(args.untilMs),
      pane_seconds: config.pane / 1000,
      revision: 0,
      ...rangeParams(args.ranges),
    };
    await computeJointPanes({ clickhouse, view: args.view, axes: { binsId: id, basis }, shared });
    rows = await clickhouse.rows('joint-signatures', all, SIGNATURE_ROW);
  }
  const windows = rows.map(({ pane_start: startMs, ...signature }) => ({ startMs, signature }));
  return snapshotPast({ id, basis, config, windows, cells });
}

/** The same from signatures already summed, in order of time. Windows of too few rows teach nothing. */
export function snapshotPast(args: {
  id: string;
  basis: JointBasis;
  config: ReferenceConfig;
  windows: readonly { readonly startMs: number; readonly signature: JointSignature }[];
  cells: ReadonlyMap<string, readonly PaneWindow[]>;
}): JointPast {
  const { id, basis, config, cells } = args;
  const counts = new Map<string, Map<number, PaneCounts>>();
  const countsOf = (feature: string, startMs: number): PaneCounts | undefined => {
    const known = counts.get(feature);
    if (known !== undefined) return known.get(startMs);
    const panes = cells.get(cellKey(feature, '')) ?? [];
    counts.set(feature, new Map(panes.map((window) => [window.startMs, window.pane])));
    return counts.get(feature)?.get(startMs);
  };
  const windows = args.windows.filter(
    ({ startMs, signature }) =>
      signature.n >= config.minimum_rows && !isWithinAny(startMs, config.pane, config.reference.exclude),
  );
  return learnJointPast({
    id,
    frozen: true,
    windows: windows.map(({ startMs, signature }) => ({
      season: seasonOf(startMs, config.season),
      components: jointComponents({
        basis,
        signature,
        countsOf: (feature) => countsOf(feature, startMs),
      }),
    })),
  });
}

/** Year 2100: the end of the event times that are kept apart. */
const FAR = Date.UTC(2100, 0, 1);
