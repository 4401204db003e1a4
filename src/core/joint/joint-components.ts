import type { Component } from '../evidence/components.ts';
import type { BinCounts } from '../statistic.ts';
import type { JointBasis } from './joint-basis.ts';
import type { JointSignature } from './joint-signature.ts';
import { axisName } from './normal-scores.ts';
import { correlation, pairsOf } from './pair-products.ts';
import { indicatorMarginal, type Marginal, numericMarginal, waveDependence } from './wave-dependence.ts';

/**
 * What a window says about how its features go together, as means that can be compared with those of past
 * windows: Fisher's z of the correlation of every pair of axes, and the dependence along every wave. None of
 * them moves when a feature shifts, spreads or changes its shares alone. A pair with an axis that hardly varies
 * in the window is left out.
 *
 * `rowVariance` is that of independent axes. Where axes depend on each other, rows vary less or more; how much
 * windows vary is learned from windows. Source: Fisher's z has variance 1/n (1921).
 */
export function jointComponents(args: {
  basis: JointBasis;
  signature: JointSignature;
  /** Rows per code of a numeric feature over the same rows. */
  countsOf: (feature: string) => BinCounts | undefined;
}): Component[] {
  const { basis, signature } = args;
  const { axes, fourier } = basis;
  const rows = signature.n;
  const found: Component[] = [];
  for (const pair of pairsOf(axes)) {
    const r = correlation(signature, pair);
    if (r === undefined) continue;
    const name = `pair:${pair.first}:${pair.second}`;
    found.push({ name, law: 'mean', mean: Math.atanh(r), rowVariance: 1, rows });
  }
  const marginals = axes.map((axis, at): Marginal => {
    if (axis.kind === 'indicator') return indicatorMarginal(axis, (signature.sums[at] ?? 0) / rows);
    return numericMarginal(axis, args.countsOf(axis.feature) ?? { codes: [], counts: [] });
  });
  for (let at = 0; at < fourier.phase.length; at += 1) {
    // Two categories of one feature exclude each other: their dependence is that of their shares.
    if (axes[fourier.first[at] ?? 0]?.feature === axes[fourier.second[at] ?? 0]?.feature) continue;
    const wave = waveDependence({ basis: fourier, signature, marginals, at });
    if (wave === undefined) continue;
    found.push({ name: `wave:${at}`, law: 'mean', mean: wave.value, rowVariance: wave.rowVariance, rows });
  }
  return found;
}

export interface JointPart {
  readonly kind: 'correlation' | 'wave';
  readonly features: readonly [string, string];
}

/** Which axes a component is about. */
export function jointPart(basis: JointBasis, name: string): JointPart {
  const [kind, first = '0', second = '0'] = name.split(':');
  const named = (at: number | undefined): string => {
    const axis = basis.axes[at ?? 0];
    return axis === undefined ? '' : axisName(axis);
  };
  if (kind === 'pair')
    return { kind: 'correlation', features: [named(Number(first)), named(Number(second))] };
  const { fourier } = basis;
  return {
    kind: 'wave',
    features: [named(fourier.first[Number(first)]), named(fourier.second[Number(first)])],
  };
}

/** Change of a component in units of a correlation, -2 to 2. */
export function dependenceOf(name: string, mean: number): number {
  return name.startsWith('pair') ? Math.tanh(mean) : mean;
}
