import { sha1 } from '../sha1.ts';

/** A version that takes part, with its share of the ids; shares need not add up to 1. */
export interface WeightedVersion {
  readonly version: string;
  /** 0 or more; 0 takes no id. */
  readonly weight: number;
}

/**
 * The version that answers an id: always the same one for the same id, experiment and weights, and each with
 * its share of the ids. Every version draws a number from the hash of (experiment, version, id), and the largest
 * weight / -ln(draw) wins. So when weights change, ids move only to versions whose share grew and away from those
 * whose share fell: raising a canary from 5 % to 20 % keeps the first 5 % where they were. Another
 * experiment name draws anew, so that two experiments do not split the ids the same way. Undefined when no
 * weight is above 0.
 * Misleads when what one id is told changes what another does: then split by what they share.
 * Source: C. Schindelhauer and G. Schomaker, Weighted Distributed Hash Tables, SPAA 2005 (logarithmic method).
 */
export function assignVersion(args: {
  experiment: string;
  id: string;
  versions: readonly WeightedVersion[];
}): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const { version, weight } of args.versions) {
    if (!(weight > 0)) continue;
    const score = weight / -Math.log(draw([args.experiment, version, args.id]));
    if (score > most) [best, most] = [version, score];
  }
  return best;
}

/** A number strictly between 0 and 1 from 48 bits of a hash. */
function draw(about: readonly string[]): number {
  const bytes = sha1(new TextEncoder().encode(JSON.stringify(about)));
  let whole = 0;
  for (let at = 0; at < 6; at += 1) whole = whole * 256 + (bytes[at] ?? 0);
  return (whole + 0.5) / 2 ** 48;
}
