import type { AvroDefinition } from './definition.ts';
import { type AvroNode, type FieldNode, resolveDefinition } from './resolve.ts';
import { smallestSizes } from './smallest-size.ts';
import {
  type Compiler,
  compileStep,
  type EmptyItems,
  MAX_DEPTH,
  MAX_EMPTY_ITEMS,
  type Step,
} from './steps.ts';
import { typeText } from './type-text.ts';
import { TOO_DEEP, TOO_MANY_ITEMS, TRUNCATED, varintValue } from './varint.ts';

export { MAX_DEPTH, MAX_EMPTY_ITEMS };

/**
 * Finds the exact end of a record without decoding it, and its event time on the way.
 * See compileWalker for what is checked.
 */
export interface Walker {
  /** From the first byte of the body. `end` may lie before the last byte: see walkExactly. */
  walk(payload: Uint8Array, from: number): Walked;
  /** The same for records that need no event time. */
  measure(payload: Uint8Array, from: number): Measured;
}

export type Walked =
  | { readonly status: 'ok'; readonly end: number; readonly eventTimeMs: number }
  | BadPayload;
export type Measured = { readonly status: 'ok'; readonly end: number } | BadPayload;
export interface BadPayload {
  readonly status: 'bad';
  readonly reason: PayloadReason;
  readonly detail: string;
}

export const PAYLOAD_REASONS = [
  'truncated',
  'trailing-bytes',
  'malformed',
  'too-deep',
  'too-many-items',
] as const;
export type PayloadReason = (typeof PAYLOAD_REASONS)[number];

export const EVENT_TIME = 'event_time';

/**
 * Compiles a schema into one closure per type that steps over a value of it. Nothing is allocated
 * per value and no count is believed: a block of n items needs at least n times the smallest item
 * in the bytes left, so a few bytes can never ask for billions of steps.
 *
 * Accepted is what every Avro reader reads alike. Refused although some readers let it pass: a
 * boolean byte other than 0 and 1, ints over five bytes or 32 bits, longs over ten bytes or 64 bits, a
 * block whose stated byte size is not the size of its items, nesting beyond MAX_DEPTH, more than
 * MAX_EMPTY_ITEMS items without bytes. Not checked: that strings are UTF-8, that a uuid is one,
 * that numbers are finite.
 *
 * The event time is the top-level field `event_time`: timestamp-millis, timestamp-micros (rounded
 * down), or a plain long in milliseconds; outside of what a Date can hold it is `malformed`.
 */
export function compileWalker(definition: AvroDefinition): Walker {
  const root = resolveDefinition(definition);
  const empty: EmptyItems = { count: 0 };
  const compiler: Compiler = { size: smallestSizes(root), records: new Map(), empty };
  const fields = fieldsOf(root).map(
    ({ name, node }): Compiled => ({
      step: compileStep(node, compiler),
      name,
      type: typeText(node),
    }),
  );
  const timeAt = fieldsOf(root).findIndex(isEventTime);
  const divisor = timeDivisor(fieldsOf(root)[timeAt]);

  const run = (payload: Uint8Array, from: number, timed: boolean): Walked => {
    empty.count = 0;
    let at = from;
    let eventTimeMs = 0;
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index];
      if (field === undefined) break;
      const next = field.step(payload, at, 1);
      if (next < 0) return bad(next, field, at, payload.length);
      if (timed && index === timeAt) {
        eventTimeMs = Math.floor(varintValue(payload, at, next) / divisor);
        if (!(Math.abs(eventTimeMs) <= LAST_DATE_MS)) return badTime(`${eventTimeMs} is not a date`);
      }
      at = next;
    }
    return { status: 'ok', end: at, eventTimeMs };
  };
  return {
    walk: (payload, from) =>
      timeAt < 0 ? badTime('the schema has no such field of a long type') : run(payload, from, true),
    measure: (payload, from) => run(payload, from, false),
  };
}

/** Walks and refuses bytes that are left over: ClickHouse would take them without a word. */
export function walkExactly(walker: Walker, payload: Uint8Array, from: number): Walked {
  return exactly(walker.walk(payload, from), payload.length);
}

/** Measures and refuses bytes that are left over. */
export function measureExactly(walker: Walker, payload: Uint8Array, from: number): Measured {
  return exactly(walker.measure(payload, from), payload.length);
}

function exactly<T extends Measured>(result: T, length: number): T | BadPayload {
  if (result.status === 'bad' || result.end === length) return result;
  const detail = `The record ends at byte ${result.end}, the value at byte ${length}.`;
  return { status: 'bad', reason: 'trailing-bytes', detail };
}

interface Compiled {
  readonly step: Step;
  readonly name: string;
  readonly type: string;
}
const LAST_DATE_MS = 8_640_000_000_000_000;

/** A schema that is not a record is walked as if it were the only field of one. */
function fieldsOf(root: AvroNode): readonly Pick<FieldNode, 'name' | 'node'>[] {
  return root.kind === 'record' ? root.fields : [{ name: 'value', node: root }];
}

function isEventTime({ name, node }: Pick<FieldNode, 'name' | 'node'>): boolean {
  return name === EVENT_TIME && node.kind === 'long';
}

function timeDivisor(field: Pick<FieldNode, 'name' | 'node'> | undefined): number {
  return field !== undefined && typeText(field.node) === 'timestamp-micros' ? 1000 : 1;
}

function badTime(why: string): BadPayload {
  return { status: 'bad', reason: 'malformed', detail: `Field "${EVENT_TIME}": ${why}.` };
}

function bad(code: number, field: Compiled, at: number, length: number): BadPayload {
  const detail = `Field "${field.name}" (${field.type}), which begins at byte ${at} of ${length}: `;
  switch (code) {
    case TRUNCATED:
      return { status: 'bad', reason: 'truncated', detail: `${detail}its bytes go beyond the end.` };
    case TOO_DEEP:
      return { status: 'bad', reason: 'too-deep', detail: `${detail}nested over ${MAX_DEPTH} levels.` };
    case TOO_MANY_ITEMS:
      return {
        status: 'bad',
        reason: 'too-many-items',
        detail: `${detail}more than ${MAX_EMPTY_ITEMS} items without bytes.`,
      };
    default:
      return { status: 'bad', reason: 'malformed', detail: `${detail}not a value of this type.` };
  }
}
