import { type Carrier, cellOf, type Observation } from './finding.ts';

/**
 * Gives every drift among the observations of one window the smallest segment that carries it.
 *
 * A segment's mass is its rows times its effect; it carries the change when it holds at least 80% of the mass of all
 * segments of its field and its effect is at least three times that of the others together. Of several such segments
 * the one with the fewest rows is named: the smallest that carries the mass. Misleads when the effect of other segments
 * could not be computed: segments that were insufficient count as without mass.
 */
export function withCarriers(observations: readonly Observation[]): Observation[] {
  const groups = Map.groupBy(observations, wholeOf);
  const carriers = new Map<string, Carrier>();
  for (const [whole, group] of groups) {
    const carrier = group.some(({ verdict }) => verdict === 'drift') ? carrierOf(group) : undefined;
    if (carrier !== undefined) carriers.set(whole, carrier);
  }
  return observations.map((observation) => {
    const carrier = observation.verdict === 'drift' ? carriers.get(wholeOf(observation)) : undefined;
    return carrier === undefined ? observation : { ...observation, carrier };
  });
}

/** All segments of one feature and kind share this. */
function wholeOf(observation: Observation): string {
  return cellOf({ ...observation, segment: '' });
}

function carrierOf(group: readonly Observation[]): Carrier | undefined {
  const parts = group.filter(({ segment }) => segment !== '');
  const fields = Map.groupBy(parts, ({ segment }) => segment.slice(0, segment.indexOf('=')));
  const found: Carrier[] = [];
  for (const siblings of fields.values()) {
    const masses = siblings.map(({ segment, n = 0, effect = 0 }) => ({ segment, n, mass: n * effect }));
    const total = masses.reduce((sum, { mass }) => sum + mass, 0);
    const rows = masses.reduce((sum, { n }) => sum + n, 0);
    for (const { segment, n, mass } of masses) {
      const outside = rows - n;
      if (mass < CARRIES * total || mass === 0 || outside === 0) continue;
      if (mass / n < TIMES * ((total - mass) / outside)) continue;
      found.push({ segment, share: mass / total, n });
    }
  }
  return found.toSorted((a, b) => a.n - b.n || (a.segment < b.segment ? -1 : 1))[0];
}

const CARRIES = 0.8;
const TIMES = 3;
