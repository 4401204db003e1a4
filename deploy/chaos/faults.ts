import { DECISION_STEPS } from '../../processors/detect/evaluate.ts';
import { STEPS } from '../../processors/ingest/ports.ts';
import { type Random, randomBelow, shuffledPositions } from '../../src/core/random.ts';
import { OUTBOX_STEPS } from '../../src/runtime/outbox.ts';

/** Something that goes wrong, once. */
export type Fault =
  /** kill -9 of the processor some time after records have come. */
  | { readonly kind: 'processor'; readonly afterMs: number }
  /** kill -9 of the processor at a labelled step. */
  | { readonly kind: 'processor-at-step'; readonly step: string; readonly delayMs: number }
  /** kill -9 of ClickHouse while the processor inserts rows. */
  | { readonly kind: 'clickhouse'; readonly delayMs: number }
  /** kill -9 of the broker. */
  | { readonly kind: 'broker'; readonly afterMs: number }
  /** The processor sleeps for longer than its session, another takes over, and it wakes. */
  | { readonly kind: 'zombie'; readonly afterMs: number }
  /** Every second answer to a produce request is swallowed. */
  | { readonly kind: 'dropped-answers' }
  /** A second processor joins and leaves. */
  | { readonly kind: 'rebalance' };

export type FaultKind = Fault['kind'];

/**
 * So many faults from a seed: first one of each kind, with a kill in the middle of an insert and one in the
 * middle of an event, then in random order until each labelled step has had its turn, and so on from the top.
 */
export function faultPlan(random: Random, count: number): Fault[] {
  const plan: Fault[] = [];
  const after = () => randomBelow(random, 1_500);
  const first: Fault[] = [
    { kind: 'processor-at-step', step: 'classified', delayMs: 2 + randomBelow(random, 10) },
    { kind: 'clickhouse', delayMs: 2 + randomBelow(random, 10) },
    { kind: 'zombie', afterMs: randomBelow(random, 300) },
    { kind: 'dropped-answers' },
    { kind: 'processor-at-step', step: 'published', delayMs: 0 },
    { kind: 'processor', afterMs: after() },
    { kind: 'rebalance' },
    { kind: 'broker', afterMs: after() },
  ];
  while (plan.length < count) {
    const steps: Fault[] = ALL_STEPS.map((step) => ({ kind: 'processor-at-step', step, delayMs: 0 }));
    const round = plan.length === 0 ? first : shuffled(random, [...first, ...steps]);
    plan.push(...round.map((fault) => ('afterMs' in fault ? { ...fault, afterMs: after() } : fault)));
    if (plan.length === first.length) plan.push(...shuffled(random, steps));
  }
  return plan.slice(0, count);
}

export const ALL_STEPS: readonly string[] = [...STEPS, ...DECISION_STEPS, ...OUTBOX_STEPS];

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return [...shuffledPositions(random, items.length)].flatMap((at) => items[at] ?? []);
}
