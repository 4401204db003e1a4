/**
 * Champion against challenger on the same rows, by log-loss. The challenger is accepted when its mean
 * loss is lower by at least `marginNats` and by more than 1.645 standard errors of the paired difference
 * (one-sided 5 %: in 20 comparisons of equal models about one is accepted by chance).
 *
 * Misleads when rows depend on each other: a storm delays a whole evening, so the real standard error is
 * larger than the printed one. The margin is there for that. `NaN` losses are a bug and throw upstream.
 */
export function compareChallenger(args: {
  challenger: ArrayLike<number>;
  champion: ArrayLike<number>;
  marginNats: number;
}): Comparison {
  const n = args.challenger.length;
  if (n < 2 || args.champion.length !== n) return { status: 'insufficient', need: 2, have: n };
  let sum = 0;
  for (let row = 0; row < n; row += 1) sum += gain(args, row);
  const improvement = sum / n;
  let squares = 0;
  for (let row = 0; row < n; row += 1) squares += (gain(args, row) - improvement) ** 2;
  const standardError = Math.sqrt(squares / (n - 1) / n);
  const better = improvement >= args.marginNats && improvement > Z * standardError;
  return { status: better ? 'better' : 'not-better', improvement, standardError, n };
}

export type Comparison =
  | {
      readonly status: 'better' | 'not-better';
      /** Mean of champion's minus challenger's loss, nats; above 0 the challenger is better. */
      readonly improvement: number;
      readonly standardError: number;
      /** Rows that both were measured on. */
      readonly n: number;
    }
  | { readonly status: 'insufficient'; readonly need: number; readonly have: number };

/** Mean and standard deviation of the losses of one model, for two rows or more. */
export function lossBaseline(losses: ArrayLike<number>): { mean: number; sd: number; n: number } | undefined {
  const n = losses.length;
  if (n < 2) return undefined;
  let sum = 0;
  for (let row = 0; row < n; row += 1) sum += at(losses, row);
  const mean = sum / n;
  let squares = 0;
  for (let row = 0; row < n; row += 1) squares += (at(losses, row) - mean) ** 2;
  return { mean, sd: Math.sqrt(squares / (n - 1)), n };
}

/** The comparison as one sentence for a person. */
export function describeComparison(args: {
  comparison: Comparison;
  champion: string;
  /** Name of what `before` and `after` are; the improvement is in nats whatever it is. */
  measure: string;
  before: number;
  after: number;
  validationDays: number;
  marginNats: number;
}): string {
  const { comparison } = args;
  if (comparison.status === 'insufficient') {
    return `only ${comparison.have} rows to compare with ${args.champion} on, ${comparison.need} needed`;
  }
  const change = comparison.improvement >= 0 ? 'lower' : 'higher';
  return (
    `${args.measure} ${args.after.toFixed(4)} against ${args.before.toFixed(4)} of ${args.champion} on ` +
    `${comparison.n} rows of the newest ${args.validationDays} days: ${args.measure === LOSS ? '' : `${LOSS} `}${change} by ` +
    `${Math.abs(comparison.improvement).toFixed(4)} (standard error ${comparison.standardError.toFixed(4)}; ` +
    `needed: ${args.marginNats} and ${Z} standard errors)`
  );
}

const LOSS = 'log-loss';
const Z = 1.645;

function gain(args: { challenger: ArrayLike<number>; champion: ArrayLike<number> }, row: number): number {
  return at(args.champion, row) - at(args.challenger, row);
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? Number.NaN;
}
