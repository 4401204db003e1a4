import { CODES } from '../statistic.ts';
import type { PaneCounts } from '../windows/pane-counts.ts';

/**
 * What a window says about one feature, as a short list of means over its rows: each can be compared
 * with the same mean of past windows, and each has a known variance per row if rows were independent.
 *
 * numeric: the first four orthonormal Legendre polynomials of u, the reference mid-rank of the value
 * (location, scale, skew, tail), over rows with a value; and the shares of missing and of not finite rows.
 * categorical: the share of each code of the reference, and of unseen and missing.
 * Means of u are read off the bins: every row of a bin gets the bin's mid-rank, so a move inside one
 * bin is not seen. Source: detection by smooth tests, J. Neyman (1937); mid-ranks as in Wilcoxon's test.
 */
export function components(args: {
  kind: 'numeric' | 'categorical';
  pane: PaneCounts;
  reference: PaneCounts;
}): Component[] {
  const shares = shareComponents(args);
  return args.kind === 'numeric' ? [...legendreComponents(args), ...shares] : shares;
}

export interface Component {
  readonly name: string;
  readonly mean: number;
  /** Variance of one row's contribution when nothing changed. */
  readonly rowVariance: number;
  /** Rows that entered. */
  readonly rows: number;
}

function legendreComponents({ pane, reference }: { pane: PaneCounts; reference: PaneCounts }): Component[] {
  const ranks = midRanks(reference);
  const sums = [0, 0, 0, 0];
  let rows = 0;
  for (const [index, code] of pane.codes.entries()) {
    if (code < 0) continue;
    const weight = pane.counts[index] ?? 0;
    const u = ranks(code);
    rows += weight;
    for (const [degree, polynomial] of LEGENDRE.entries())
      sums[degree] = (sums[degree] ?? 0) + weight * polynomial(u);
  }
  return LEGENDRE_NAMES.map((name, degree) => ({
    name,
    mean: rows === 0 ? 0 : (sums[degree] ?? 0) / rows,
    rowVariance: 1,
    rows,
  }));
}

/** Reference mid-rank of each ordinary bin; a bin the reference never saw lies between its neighbours. */
function midRanks(reference: PaneCounts): (code: number) => number {
  const ordinary = reference.codes
    .map((code, index) => ({ code, count: reference.counts[index] ?? 0 }))
    .filter(({ code }) => code >= 0);
  const total = ordinary.reduce((sum, { count }) => sum + count, 0);
  return (code) => {
    if (total === 0) return 0.5;
    let below = 0;
    let inside = 0;
    for (const bin of ordinary) {
      if (bin.code < code) below += bin.count;
      else if (bin.code === code) inside = bin.count;
    }
    return (below + inside / 2) / total;
  };
}

function shareComponents({
  kind,
  pane,
  reference,
}: {
  kind: string;
  pane: PaneCounts;
  reference: PaneCounts;
}): Component[] {
  const wanted = kind === 'numeric' ? [] : reference.codes.filter((code) => code >= 0);
  const codes = [...wanted, CODES.null, kind === 'numeric' ? CODES.nan : CODES.unseen];
  const count = (of: PaneCounts, code: number) => of.counts[of.codes.indexOf(code)] ?? 0;
  return codes.map((code) => {
    // Jeffreys: a code the reference never saw still has a share and a variance.
    const share = (count(reference, code) + 0.5) / (reference.n + 1);
    return {
      name: `share:${code}`,
      mean: pane.n === 0 ? 0 : count(pane, code) / pane.n,
      rowVariance: share * (1 - share),
      rows: pane.n,
    };
  });
}

const LEGENDRE_NAMES = ['location', 'scale', 'skew', 'tail'] as const;
const LEGENDRE: readonly ((u: number) => number)[] = [
  (u) => Math.sqrt(3) * (2 * u - 1),
  (u) => Math.sqrt(5) * (6 * u * u - 6 * u + 1),
  (u) => Math.sqrt(7) * (20 * u ** 3 - 30 * u * u + 12 * u - 1),
  (u) => 3 * (70 * u ** 4 - 140 * u ** 3 + 90 * u * u - 20 * u + 1),
];
