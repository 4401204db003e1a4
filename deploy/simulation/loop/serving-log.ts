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

/** A model with one feature, of which the simulated loop sees predictions and training rows. */
export const MODEL = 'simulated';
export const PANE_MS = 3_600_000;
export const SERVING_ID = 21;
export const TRAINING_ID = 22;

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

export const TRAINING_SCHEMA: AvroDefinition = {
  type: 'record',
  name: 'Training',
  namespace: 'simulated',
  fields: [id, time, x, label],
};

export const CONTRACTS: Readonly<Record<Stream, Contract>> = {
  training: contractOf('training', TRAINING_SCHEMA),
  serving: contractOf('serving', SERVING_SCHEMA),
  labels: contractOf('labels', {
    type: 'record',
    name: 'Label',
    namespace: 'simulated',
    fields: [id, time, label],
  }),
};

/** A row as it has to be in its raw table. */
export interface LoggedRow {
  readonly id: string;
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
export function servingLog(args: { random: Random; nowMs: number; hours: number; late: boolean }): Logged {
  const { random, nowMs, hours } = args;
  const startMs = nowMs - (hours + 4) * PANE_MS;
  const logs: Sent[][] = [[], []];
  const rows: LoggedRow[] = [];
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
        const row = { id: `e${hour}-${i}`, partition, offset, eventTimeMs, x: value };
        rows.push(row);
        return sentRow({ stream: 'serving', row, nowMs });
      });
    }
    if (random() < 0.2)
      send(randomBelow(random, 2), (offset) => ({
        offset,
        truth: 'tombstone',
        message: message({ stream: 'serving', partition: 0, offset, value: null, nowMs }),
      }));
  }
  return { rows, expected: expectedOf(logs) };
}

/**
 * The same examples as they are logged for training, in an order and in partitions of their own: a few of them are
 * missing there, and a few more are there that were never served.
 */
export function trainingLog(args: {
  random: Random;
  nowMs: number;
  served: readonly LoggedRow[];
  late: boolean;
}): Logged {
  const { random, nowMs, served, late } = args;
  const logs: Sent[][] = [[], []];
  const rows: LoggedRow[] = [];
  const inTime = served.toSorted((a, b) => a.eventTimeMs - b.eventTimeMs || (a.id < b.id ? -1 : 1));
  const back = inTime.map((row, i) => ({
    row,
    at: i + (late && random() < 0.05 ? ROWS_AN_HOUR * 3 * random() : 0),
  }));
  for (const { row } of back.toSorted((a, b) => a.at - b.at)) {
    const chance = random();
    if (chance < 0.03) continue;
    for (const id of chance < 0.06 ? [row.id, `${row.id}-again`] : [row.id]) {
      const partition = randomBelow(random, 2);
      const log = logs[partition] ?? [];
      const own = { ...row, id, partition, offset: log.length };
      rows.push(own);
      log.push(sentRow({ stream: 'training', row: own, nowMs }));
    }
  }
  return { rows, expected: expectedOf(logs) };
}

/** What was logged, and what has to become of it. */
export interface Logged {
  readonly expected: Expected;
  readonly rows: readonly LoggedRow[];
}

/** In the place that they came to, whatever was written before. */
function expectedOf(logs: readonly (readonly Sent[])[]): Expected {
  const placed = logs.map((log, partition) =>
    log.map((sent) => ({ ...sent, message: { ...sent.message, partition } })),
  );
  return {
    partitions: [0, 1],
    of: (partition) => placed[partition] ?? [],
    at: (partition, offset) => placed[partition]?.[offset],
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

function sentRow(args: { stream: LoggedStream; row: LoggedRow; nowMs: number }): Sent {
  const { stream, row, nowMs } = args;
  const { partition, offset, eventTimeMs } = row;
  const schemaId = stream === 'serving' ? SERVING_ID : TRAINING_ID;
  const value = frame(schemaId, joined([...exampleBytes(row), ...OWN_FIELDS[stream]]));
  return {
    offset,
    truth: 'row',
    row: { _partition: partition, _offset: offset, _schema_id: schemaId, event_time: eventTimeMs },
    message: message({ stream, partition, offset, value, nowMs }),
  };
}

type LoggedStream = 'serving' | 'training';

function exampleBytes({ id: name, eventTimeMs, x: value }: LoggedRow): Uint8Array[] {
  const feature = value === undefined ? longBytes(0) : joined([longBytes(1), doubleBytes(value)]);
  return [textBytes(name), longBytes(eventTimeMs), feature];
}

/** Prediction and version, or label. */
const OWN_FIELDS: Readonly<Record<LoggedStream, readonly Uint8Array[]>> = {
  serving: [doubleBytes(0.5), textBytes('v1')],
  training: [longBytes(1)],
};

function message(args: {
  stream: LoggedStream;
  partition: number;
  offset: number;
  value: Uint8Array | null;
  nowMs: number;
}): Sent['message'] {
  const { stream, partition, offset, value, nowMs } = args;
  return {
    topic: CONTRACTS[stream].topic,
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
