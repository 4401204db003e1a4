/** A run of offsets that are all accounted for, both ends included. */
export interface Island {
  readonly first: number;
  readonly last: number;
}

/**
 * True when the offset lies in one of the islands, which are ascending and do not touch. Resuming asks
 * this for every offset at or above the floor: the set difference, never "everything above the largest",
 * because what a crash leaves behind may have holes.
 */
export function holds(islands: readonly Island[], offset: number): boolean {
  let low = 0;
  let high = islands.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const island = islands[middle];
    if (island === undefined) return false;
    if (offset < island.first) high = middle - 1;
    else if (offset > island.last) low = middle + 1;
    else return true;
  }
  return false;
}

/** The islands that end at or above an offset: those below the floor are of no use any more. */
export function islandsFrom(islands: readonly Island[], offset: number): readonly Island[] {
  const first = islands[0];
  if (first === undefined || first.last >= offset) return islands;
  return islands.filter((island) => island.last >= offset);
}
