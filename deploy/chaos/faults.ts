import { DECISION_STEPS } from '../../processors/detect/evaluate.ts';
import { STEPS } from '../../processors/ingest/ports.ts';
import { type Random, randomBelow, shuffledPositions } from '../../src/core/random.ts';
import { OUTBOX_STEPS } from '../../src/runtime/outbox.ts';

/** Something that goes wrong, once. */
export type Fault =
  /**
   * kill -9 of a processor at a labelled step; `rare` is one more step, that few come to, and `otherwise` one that
   * all come to: decisions are made by one process at a time.
   */
  | {
      readonly kind: 'processor-at-step';
      readonly step: string;
      readonly nth: number;
      readonly delayMs: number;
      readonly rare: string | undefined;
      readonly otherwise: string;
    }
  /** kill -9 of a processor at a random moment. */
  | { readonly kind: 'processor'; readonly afterMs: number }
  /** A processor sleeps for longer than its session, others take over, and it wakes. */
  | { readonly kind: 'zombie'; readonly afterMs: number; readonly sleepMs: number }
  /** A processor leaves the group with its partitions handed back, and another joins. */
  | { readonly kind: 'rebalance'; readonly afterMs: number }
  /** A produce request is carried out and its answer never comes. */
  | { readonly kind: 'lost-produce-answer' }
  /** The same for an insert into ClickHouse. */
  | { readonly kind: 'lost-insert-answer' }
  /** All connections to Kafka and ClickHouse break at once. */
  | { readonly kind: 'cut-connections'; readonly afterMs: number }
  /** kill -9 of ClickHouse in the middle of an insert. */
  | { readonly kind: 'clickhouse'; readonly delayMs: number }
  /** kill -9 of the broker in the middle of a produce request. */
  | { readonly kind: 'broker'; readonly delayMs: number }
  /** kill -9 of the trainer while it answers a request, or at a labelled step where one is named. */
  | { readonly kind: 'trainer'; readonly step: string; readonly afterMs: number };

export type FaultKind = Fault['kind'];

/** Shares of the kinds in a hundred faults. */
export const SHARES = {
  'processor-at-step': 38,
  processor: 8,
  zombie: 8,
  rebalance: 8,
  'lost-produce-answer': 12,
  'lost-insert-answer': 13,
  'cut-connections': 5,
  clickhouse: 3,
  broker: 2,
  trainer: 3,
} as const satisfies Readonly<Record<FaultKind, number>>;

export const FAULT_KINDS: readonly FaultKind[] = [
  'processor-at-step',
  'processor',
  'zombie',
  'rebalance',
  'lost-produce-answer',
  'lost-insert-answer',
  'cut-connections',
  'clickhouse',
  'broker',
  'trainer',
];

/**
 * So many faults from a seed, in random order: each kind at least once where there is room, the rest by their
 * shares, and every labelled step before any has its second turn.
 */
export function faultPlan(random: Random, count: number): Fault[] {
  const steps = turns(random, ALL_STEPS);
  const rare = turns(random, OUTBOX_STEPS);
  const otherwise = turns(random, STEPS);
  const trainer = turns(random, ['', ...OUTBOX_STEPS]);
  const kinds = FAULT_KINDS.flatMap((kind) => Array.from({ length: countOf(kind, count) }, () => kind));
  return shuffled(random, kinds).map((kind) => {
    switch (kind) {
      case 'processor-at-step': {
        const step = steps() ?? 'fetched';
        const inFlight = step === 'classified' && random() < 0.7;
        return {
          kind,
          step,
          nth: 1 + randomBelow(random, 3),
          // Behind `classified` comes the insert: a little later is in the middle of it.
          delayMs: inFlight ? 2 + randomBelow(random, 12) : 0,
          rare: random() < 0.5 ? rare() : undefined,
          otherwise: otherwise() ?? 'fetched',
        };
      }
      case 'zombie':
        return { kind, afterMs: randomBelow(random, 1_500), sleepMs: randomBelow(random, 3_000) };
      case 'lost-produce-answer':
      case 'lost-insert-answer':
        return { kind };
      case 'clickhouse':
      case 'broker':
        return { kind, delayMs: randomBelow(random, 15) };
      case 'trainer':
        return { kind, step: trainer() ?? '', afterMs: randomBelow(random, 1_500) };
      default:
        return { kind, afterMs: randomBelow(random, 1_500) };
    }
  });
}

export const ALL_STEPS: readonly string[] = [...STEPS, ...DECISION_STEPS, ...OUTBOX_STEPS];

/** How many faults of a kind there are among so many. */
export function countOf(kind: FaultKind, count: number): number {
  const least = count >= FAULT_KINDS.length ? 1 : 0;
  const rest = count - least * FAULT_KINDS.length;
  const each = FAULT_KINDS.map((one) => ({ kind: one, exact: least + (rest * SHARES[one]) / 100 }));
  const whole = each.map((one) => ({ ...one, sure: Math.floor(one.exact) }));
  let left = count - whole.reduce((sum, { sure }) => sum + sure, 0);
  const byRemainder = whole.toSorted((a, b) => b.exact - b.sure - (a.exact - a.sure));
  for (const one of byRemainder) {
    const extra = left > 0 ? 1 : 0;
    left -= extra;
    if (one.kind === kind) return one.sure + extra;
  }
  return 0;
}

/** The items one after the other in random order, again and again. */
function turns<T>(random: Random, items: readonly T[]): () => T | undefined {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = shuffled(random, items);
    return left.pop();
  };
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result: T[] = [];
  for (const at of shuffledPositions(random, items.length)) {
    const item = items[at];
    if (item !== undefined) result.push(item);
  }
  return result;
}
