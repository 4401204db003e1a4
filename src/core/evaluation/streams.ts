import { type Random, seededRandom } from '../random.ts';

/** A stretch of independent error bits with one rate. */
export interface Stretch {
  readonly rate: number;
  readonly elements: number;
}

/** One 0/1 error stream with a known drift; `driftAt` null means that nothing changes. */
export interface ErrorStream {
  readonly stream: string;
  readonly seed: number | string;
  readonly driftAt: number | null;
  readonly bits: Uint8Array;
}

/** Independent error bits, stretch after stretch; the same seed gives the same bits on any machine. */
export function bernoulliBits(stretches: readonly Stretch[], random: Random): Uint8Array {
  const bits = new Uint8Array(stretches.reduce((sum, stretch) => sum + stretch.elements, 0));
  let at = 0;
  for (const { rate, elements } of stretches) {
    for (const end = at + elements; at < end; at += 1) bits[at] = random() < rate ? 1 : 0;
  }
  return bits;
}

/**
 * Streams that the shared benchmark does not have: steps of the error rate after a long, a middling and a
 * short beginning, rises and falls, and stretches without any change. `runs` of each, seeds counted from
 * `seed`.
 */
export function* freshStreams(args: { runs: number; seed: number }): Generator<ErrorStream> {
  for (const [index, { stream, stretches, driftAt }] of FRESH_STREAMS.entries()) {
    for (let run = 0; run < args.runs; run += 1) {
      const seed = args.seed + run;
      const random = seededRandom(seed * 1_000 + index);
      yield { stream, seed, driftAt, bits: bernoulliBits(stretches, random) };
    }
  }
}

const AFTER = 30_000;

export const FRESH_STREAMS: readonly {
  readonly stream: string;
  readonly driftAt: number | null;
  readonly stretches: readonly Stretch[];
}[] = [
  step(0.2, 0.3, 50_000),
  step(0.2, 0.25, 50_000),
  step(0.2, 0.1, 50_000),
  step(0.05, 0.5, 50_000),
  step(0.2, 0.3, 2_000),
  step(0.2, 0.25, 2_000),
  step(0.2, 0.1, 2_000),
  step(0.05, 0.15, 2_000),
  step(0.15, 0.05, 2_000),
  step(0.05, 0.5, 500),
  step(0.5, 0.05, 500),
  step(0.2, 0.3, 500),
  quiet(0.05),
  quiet(0.2),
  quiet(0.5),
];

function step(
  before: number,
  after: number,
  elements: number,
): { stream: string; driftAt: number; stretches: Stretch[] } {
  return {
    stream: `step_${before}->${after}_after_${elements}`,
    driftAt: elements,
    stretches: [
      { rate: before, elements },
      { rate: after, elements: AFTER },
    ],
  };
}

function quiet(rate: number): { stream: string; driftAt: null; stretches: Stretch[] } {
  return { stream: `nodrift_${rate}`, driftAt: null, stretches: [{ rate, elements: 100_000 }] };
}
