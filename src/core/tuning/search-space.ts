import type { Random } from '../random.ts';

/** Values that one hyperparameter may take. */
export type Dimension =
  | { readonly kind: 'choice'; readonly values: readonly Setting[] }
  | {
      readonly kind: 'range';
      readonly from: number;
      readonly to: number;
      /** `log` draws 0.01..0.1 as often as 0.1..1; it needs `from` above 0. */
      readonly scale: 'linear' | 'log';
      readonly whole: boolean;
    };

export type Setting = string | number | boolean;

/** The hyperparameters to search, by name. */
export type SearchSpace = Readonly<Record<string, Dimension>>;

/** One value per hyperparameter of the space. The first candidate of a search has none: the settings as they are. */
export type Candidate = Readonly<Record<string, Setting>>;

/**
 * Candidates of a random search: the empty one first, then independent draws from the space, no two the
 * same. Fewer than `count` when the space is small. The order in which the space names its
 * hyperparameters does not matter. Numbers have four significant digits.
 * Source: Bergstra and Bengio, Random Search for Hyper-Parameter Optimization, JMLR 13 (2012), 281-305.
 */
export function sampleCandidates(args: {
  space: SearchSpace;
  count: number;
  random: Random;
}): readonly Candidate[] {
  const dimensions = Object.entries(args.space).sort(([a], [b]) => (a < b ? -1 : 1));
  const candidates: Candidate[] = [{}];
  const seen = new Set<string>([JSON.stringify({})]);
  for (let draw = 0; draw < args.count * DRAWS && candidates.length < args.count; draw += 1) {
    const candidate = Object.fromEntries(dimensions.map(([name, of]) => [name, drawFrom(of, args.random)]));
    const text = JSON.stringify(candidate);
    if (seen.has(text)) continue;
    seen.add(text);
    candidates.push(candidate);
  }
  return candidates;
}

/** Draws per wanted candidate before a space counts as used up. */
const DRAWS = 50;

function drawFrom(dimension: Dimension, random: Random): Setting {
  const share = random();
  if (dimension.kind === 'choice') {
    return dimension.values[Math.floor(share * dimension.values.length)] ?? '';
  }
  const { from, to, whole } = dimension;
  if (whole) {
    const edge = scaled({ ...dimension, to: to + 1 }, share);
    return Math.min(to, Math.floor(edge));
  }
  return Number(scaled(dimension, share).toPrecision(4));
  function scaled(range: { from: number; to: number; scale: 'linear' | 'log' }, at: number): number {
    if (range.scale === 'linear') return from + at * (range.to - from);
    return Math.exp(Math.log(from) + at * (Math.log(range.to) - Math.log(from)));
  }
}
