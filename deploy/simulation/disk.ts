import { DriftwatchError } from '../../src/errors.ts';
import type { World } from './world.ts';

/** The disk of the simulated ClickHouse: full now and then, for as long as it takes somebody to make room. */
export interface Disk {
  /** Why nothing can be written now; undefined while there is room. */
  refusal(): DriftwatchError | undefined;
  /** How often it was full. */
  times(): number;
}

export function openDisk(world: World): Disk {
  const { random } = world;
  let isFull = false;
  let times = 0;

  function fill(): void {
    if (world.isCalm()) return;
    isFull = true;
    times += 1;
    world.after(500 + 8_000 * random(), () => {
      isFull = false;
      world.after(10_000 * random(), fill);
    });
  }

  if (world.strikes(0.3)) world.after(15_000 * random(), fill);
  return {
    refusal: () => (isFull ? noSpace() : undefined),
    times: () => times,
  };
}

/** As ClickHouse says it. */
function noSpace(): DriftwatchError {
  return new DriftwatchError({
    code: 'CLICKHOUSE_REFUSED',
    message: 'Code 243: Cannot reserve 1.00 MiB, not enough space.',
    next: 'It is tried again.',
  });
}
