import { FRAME_LENGTH, parseFrame } from '../../src/core/avro/frame.ts';
import { type PayloadReason, type Walker, walkExactly } from '../../src/core/avro/walker.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Message } from '../../src/io/kafka/port.ts';
import type { DeadLetterReason, Outcome } from '../../src/runtime/processor.ts';

/**
 * Decides what becomes of one message: a row, a dead letter with the reason, or a tombstone, which is
 * counted and left out. A pure function of the bytes and of the verdict on their writer schema; the verdict
 * must have been fetched before.
 */
export function classify(message: Message, verdicts: ReadonlyMap<number, SchemaVerdict>): Classified {
  const { value, unreadable } = message;
  if (unreadable !== undefined) {
    return { outcome: 'dead-letter', reason: 'unreadable-batch', detail: unreadable, schemaId: null };
  }
  if (value === null) return TOMBSTONE;
  const frame = parseFrame(value);
  if (frame.status === 'bad') {
    return { outcome: 'dead-letter', reason: frame.reason, detail: frame.detail, schemaId: null };
  }
  const { schemaId } = frame;
  const verdict = verdicts.get(schemaId);
  if (verdict === undefined) throw unjudged(schemaId);
  if (verdict.status === 'refused') {
    return { outcome: 'dead-letter', reason: verdict.reason, detail: verdict.detail, schemaId };
  }
  const walked = walkExactly(verdict.walker, value, FRAME_LENGTH);
  if (walked.status === 'bad') {
    return {
      outcome: 'dead-letter',
      reason: REASONS[walked.reason],
      detail: walked.detail,
      schemaId,
    };
  }
  return {
    outcome: 'forward',
    record: { offset: message.offset, value, schemaId, eventTimeMs: walked.eventTimeMs, message },
  };
}

/** Id in the five bytes in front, where the message has them. */
export function schemaIdOf(message: Message): number | undefined {
  if (message.value === null || message.unreadable !== undefined) return undefined;
  const frame = parseFrame(message.value);
  return frame.status === 'ok' ? frame.schemaId : undefined;
}

export type Classified = Outcome<Row, 'tombstone'>;

/** A message whose payload has exactly the length that its writer schema gives it. */
export interface Row {
  readonly offset: number;
  /** Frame and payload. */
  readonly value: Buffer;
  readonly schemaId: number;
  readonly eventTimeMs: number;
  readonly message: Message;
}

export type SchemaVerdict =
  | { readonly status: 'usable'; readonly walker: Walker }
  | {
      readonly status: 'refused';
      readonly reason: Extract<DeadLetterReason, 'unknown-schema' | 'foreign-schema' | 'contract'>;
      readonly detail: string;
    };

const TOMBSTONE: Classified = { outcome: 'drop', reason: 'tombstone' };

const REASONS: Readonly<Record<PayloadReason, DeadLetterReason>> = {
  truncated: 'truncated',
  'trailing-bytes': 'trailing-bytes',
  malformed: 'malformed',
  'too-deep': 'malformed',
  'too-many-items': 'malformed',
};

function unjudged(schemaId: number): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `A message with schema id ${schemaId} was classified before the schema was judged.`,
    next: 'Resolve every schema id of a batch first.',
  });
}
