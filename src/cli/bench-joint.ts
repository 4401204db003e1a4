import { measureLive } from './bench-joint-live.ts';
import { measureSamples } from './bench-joint-samples.ts';
import { type Draws, REFERENCE_ROWS, WINDOW_ROWS, WORLDS } from './bench-joint-worlds.ts';
import { printBench } from './bench-output.ts';

export interface BenchJointFlags extends Draws {
  readonly live: boolean;
  readonly json: boolean;
}

/**
 * `driftwatch bench joint`: level and power of the joint signature, on several references of 10,000 rows: of the
 * two-sample test, and of the running system's rule, which knows 28 earlier windows and a budget of one false page
 * a month over hourly windows and every feature. Without a change it is also asked without the effect floor: what the
 * paging budget allows for the one cell is in `allowed`.
 */
export function benchJoint(flags: BenchJointFlags): void {
  const tables = WORLDS.flatMap((world) => [
    ...(flags.live ? [] : [measureSamples(world, flags)]),
    measureLive(world, flags),
  ]);
  printBench({
    json: flags.json,
    bench: 'joint',
    settings: { seed: flags.seed, n: REFERENCE_ROWS, m: WINDOW_ROWS, references: flags.references },
    rows: tables.flat(),
  });
}
