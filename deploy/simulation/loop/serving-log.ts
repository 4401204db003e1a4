import type { AvroDefinition } from '../../../src/core/avro/definition.ts';
import { frame } from '../../../src/core/avro/frame.ts';
import type { Contract, Stream } from '../../../src/core/contract/contract.ts';
import { parseContract } from '../../../src/core/contract/parse-contract.ts';
import {
  doubleBytes,
  joined,
  longBytes,
  textBytes,
} from '../../../src/core/evaluation/hostile/avro-writer.ts';
import { type Random, randomBelow } from '../../../src/core/random.ts';
import { DriftwatchError } from '../../../src/errors.ts';
import type { Expected, Sent } from '../expected.ts';

/** A model with one feature, of which the simulated loop sees predictions. */
export const MODEL = 'simulated';
export const PANE_MS = 3_600_000;
export const SERVING_ID = 21;

const id = { name: 'id', type: 'string', role: 'id' } as const;
const time = {
  name: 'event_time',
  type: { type: 'long', logicalType: 'timestamp-millis' },
  role: 'event-time',
} as const;
/** A value must always be there: one window without some of them is enough to say so. */
const x = {
  name: 'x',
  type: ['null', 'double'],
  default: null,
  role: 'feature',
  kind: 'numeric',
  presence: 1,
} as const;
const label = { name: 'y', type: 'int', role: 'label', kind: 'boolean' } as const;

export const SERVING_SCHEMA: AvroDefinition = {
  type: 'record',
  name: 'Serving',
  namespace: 'simulated',
  fields: [
    id,
    time,
    x,
    { name: 'prediction', type: 'double', role: 'prediction', kind: 'numeric' },
    { name: 'model_version', type: 'string', role: 'version' },
  ],
};

export const CONTRACTS: Readonly<Record<Stream, Contract>> = {
  training: contractOf('training', {
    type: 'record',
    name: 'Training',
    namespace: 'simulated',
    fields: [id, time, x, label],
  }),
  serving: contractOf('serving', SERVING_SCHEMA),
  labels: contractOf('labels', {
    type: 'record',
    name: 'Label',
    namespace: 'simulated',
    fields: [id, time, label],
  }),
};

/** A row as it has to be in the raw table. */
export interface ServingRow {
  readonly partition: number;
  readonly offset: number;
  readonly eventTimeMs: number;
  readonly x: number | undefined;
}

/**
 * Predictions of some hours in two partitions, in order of event time; between known hours values are
 * missing. With `late`, some rows come hours after their time, and all rows of one hour. One message is
 * broken, one has no value.
 */
export function servingLog(args: { random: Random; nowMs: number; hours: number; late: boolean }): {
  expected: Expected;
  rows: readonly ServingRow[];
} {
  const { random, nowMs, hours } = args;
  const startMs = nowMs - (hours + 4) * PANE_MS;
  const logs: Sent[][] = [[], []];
  const rows: ServingRow[] = [];
  const faulty = randomBelow(random, hours - 2);

  function send(partition: number, sent: (offset: number) => Sent): void {
    const log = logs[partition] ?? [];
    log.push(sent(log.length));
  }

  for (const hour of inOrder(args)) {
    for (let i = 0; i < ROWS_AN_HOUR; i += 1) {
      const partition = randomBelow(random, 2);
      const isLate = args.late && hour > 1 && random() < 0.03;
      const back = isLate ? 1 + randomBelow(random, Math.min(hour, 4)) : 0;
      const eventTimeMs = startMs + (hour - back) * PANE_MS + Math.floor((i * PANE_MS) / ROWS_AN_HOUR);
      const wrong = hour - back >= faulty && hour - back < faulty + 2 && random() < 0.6;
      const value = wrong ? undefined : 10 * (random() + random() - 1);
      send(partition, (offset) => {
        rows.push({ partition, offset, eventTimeMs, x: value });
        const truth = 'row' as const;
        const row = {
          _partition: partition,
          _offset: offset,
          _schema_id: SERVING_ID,
          event_time: eventTimeMs,
        };
        return {
          offset,
          truth,
          row,
          message: message(partition, offset, bytesOf(`e${hour}-${i}`, eventTimeMs, value), nowMs),
        };
      });
    }
    if (random() < 0.2)
      send(randomBelow(random, 2), (offset) => ({
        offset,
        truth: 'tombstone',
        message: message(0, offset, null, nowMs),
      }));
  }
  // In the place that they came to, whatever was written above.
  const placed = logs.map((log, partition) =>
    log.map((sent) => ({ ...sent, message: { ...sent.message, partition } })),
  );
  return {
    rows,
    expected: {
      partitions: [0, 1],
      of: (partition) => placed[partition] ?? [],
      at: (partition, offset) => placed[partition]?.[offset],
    },
  };
}

export const ROWS_AN_HOUR = 12;

/** Hours as their rows come; one of them may come when those after it have been judged. */
function inOrder(args: { random: Random; hours: number; late: boolean }): number[] {
  const { random, hours, late } = args;
  const order = Array.from({ length: hours }, (_, hour) => hour);
  if (!late) return order;
  const silent = 1 + randomBelow(random, hours - 4);
  return order.filter((hour) => hour !== silent).toSpliced(silent + 2, 0, silent);
}

function bytesOf(name: string, eventTimeMs: number, value: number | undefined): Uint8Array {
  const feature = value === undefined ? longBytes(0) : joined([longBytes(1), doubleBytes(value)]);
  const fields = [textBytes(name), longBytes(eventTimeMs), feature, doubleBytes(0.5), textBytes('v1')];
  return frame(SERVING_ID, joined(fields));
}

function message(
  partition: number,
  offset: number,
  value: Uint8Array | null,
  nowMs: number,
): Sent['message'] {
  return {
    topic: CONTRACTS.serving.topic,
    partition,
    offset,
    key: Buffer.from(`k${offset}`),
    value: value === null ? null : Buffer.from(value),
    timestampMs: nowMs,
    headers: {},
  };
}

function contractOf(stream: Stream, definition: AvroDefinition): Contract {
  const topic = `${stream}.${MODEL}`;
  const parsed = parseContract({ model: MODEL, stream, topic, subject: `${topic}-value`, definition });
  if (parsed.status === 'ok') return parsed.contract;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The simulated ${stream} contract cannot be read: ${parsed.problems.join(' ')}`,
    next: 'Mend it.',
  });
}
