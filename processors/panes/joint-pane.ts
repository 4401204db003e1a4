import { type JointBasis, jointBasis } from '../../src/core/joint/joint-basis.ts';
import type { Axis } from '../../src/core/joint/normal-scores.ts';
import type { Bins } from '../../src/core/summaries/bins.ts';
import { mergePanes, type PaneCounts } from '../../src/core/windows/pane-counts.ts';
import type { ClickHouse, Params } from '../../src/io/clickhouse/client.ts';
import type { ModelView } from './model-view.ts';
import { type WatchedFeature, watchedFeatures, watchedParams } from './watched-features.ts';

/**
 * The axes of the joint signature, frozen on the panes of a reference: the same panes give the same axes.
 * Undefined when fewer than two features vary.
 */
export function jointBasisOf(args: {
  view: ModelView;
  bins: ReadonlyMap<string, Bins>;
  /** Panes of the reference over all rows, per feature. */
  panesOf: (feature: string) => readonly PaneCounts[];
}): JointBasis | undefined {
  const features = jointFeatures(args.view).flatMap(({ field }) => {
    const bins = args.bins.get(field.name);
    const panes = args.panesOf(field.name);
    return bins === undefined || panes.length === 0
      ? []
      : [{ feature: field.name, bins, counts: mergePanes(panes) }];
  });
  const basis = jointBasis({ features });
  return new Set(basis.axes.map(({ feature }) => feature)).size < 2 ? undefined : basis;
}

/**
 * What has axes: features as they are, and of an embedding its norm and its projections, so that its directions are
 * watched with each other and with the other features.
 */
function jointFeatures(view: Pick<ModelView, 'features'>): readonly WatchedFeature[] {
  return watchedFeatures(view.features).filter(
    ({ profile }) => profile === undefined || profile.of.kind === 'embedding',
  );
}

/** Axes with the bins they are of. */
export interface StoredAxes {
  readonly binsId: string;
  readonly basis: JointBasis;
}

export type AxesOf = (
  reference: { readonly id: string; readonly joint?: JointBasis } | undefined,
) => Promise<StoredAxes | undefined>;

/**
 * The axes of a reference, once they are where the statement reads them: written the first time they are asked
 * for. Undefined for a reference without.
 */
export function openAxes(args: { clickhouse: ClickHouse; model: string }): AxesOf {
  const stored = new Set<string>();
  return async (reference) => {
    if (reference?.joint === undefined) return undefined;
    const axes = { binsId: reference.id, basis: reference.joint };
    if (!stored.has(axes.binsId)) await storeAxes({ ...args, ...axes });
    stored.add(axes.binsId);
    return axes;
  };
}

/** Writes the axes; writing them twice changes nothing. */
export async function storeAxes(args: {
  clickhouse: ClickHouse;
  model: string;
  binsId: string;
  basis: JointBasis;
}): Promise<void> {
  const { axes, fourier } = args.basis;
  await args.clickhouse.insert('joint_axes', [
    {
      bins_id: args.binsId,
      model: args.model,
      features: axes.map(({ feature }) => feature),
      edges: numericAxes(axes).map(({ edges }) => edges),
      scores: numericAxes(axes).map(({ scores }) => scores),
      categories: indicators(axes).map(({ category }) => category),
      weights: indicators(axes).map(({ miss, hit }) => [miss, hit]),
      // ClickHouse counts from 1.
      first: fourier.first.map((at) => at + 1),
      second: fourier.second.map((at) => at + 1),
      along_first: fourier.alongFirst,
      along_second: fourier.alongSecond,
      phase: fourier.phase,
    },
  ]);
}

/** Sums the joint signature of the panes of a range of event time, in one statement. The revision is written by others. */
export async function computeJointPanes(args: {
  clickhouse: ClickHouse;
  view: Pick<ModelView, 'features'>;
  axes: StoredAxes;
  shared: Params;
}): Promise<void> {
  const { binsId, basis } = args.axes;
  const { axes } = basis;
  const wanted = new Set(axes.map(({ feature }) => feature));
  const profiles = jointFeatures(args.view).filter(
    ({ field, profile }) => profile !== undefined && wanted.has(field.name),
  );
  const { feature: columns = [], ...sources } = watchedParams(profiles);
  const columnOf = new Map(profiles.map(({ field }, at) => [field.name, columns[at]]));
  await args.clickhouse.runEach({
    name: 'joint-pane',
    shared: { ...args.shared, bins_id: binsId },
    each: {
      ...sources,
      numeric: numericAxes(axes).map(({ feature }) => columnOf.get(feature) ?? { feature }),
      category: indicators(axes).map(({ feature }) => ({ field: feature })),
    },
  });
}

function numericAxes(axes: readonly Axis[]) {
  return axes.filter((axis) => axis.kind === 'numeric');
}

function indicators(axes: readonly Axis[]) {
  return axes.filter((axis) => axis.kind === 'indicator');
}
