import { recordContainer } from '../../src/core/avro/container.ts';
import { concatenate, encodeBytes, encodeLong, encodeString } from '../../src/core/avro/encode.ts';
import { eventId } from '../../src/core/uuid.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { Message, Outgoing, Producer } from '../../src/io/kafka/port.ts';
import { deadLetters as topic } from '../../topics/dead-letters.ts';
import type { Letter } from './plan.ts';
import type { IngestArgs } from './ports.ts';

/**
 * Keeps dead letters: on the topic first, in the table second. The table is what resuming looks at, so a
 * crash between the two repeats the message on the topic, under the same ce_id, and never leaves it out. So
 * does a send that was under way when its process fell asleep and another took over: the topic is at least
 * once with one id per message, the table exactly once.
 */
export async function storeLetters(args: {
  clickhouse: ClickHouse;
  producer: Producer;
  codec: IngestArgs['deadLetterCodec'];
  letters: readonly Letter[];
  tag: string;
}): Promise<void> {
  const { clickhouse, producer, codec, tag } = args;
  for (const [index, letters] of chunks(args.letters, messageOf).entries()) {
    await producer.send(letters.map((letter) => outgoing(letter, codec)));
    await clickhouse.insertAvro({
      table: 'dead_letters',
      columns: DEAD_LETTER_COLUMNS,
      body: letterContainer(letters.map(letterRow)),
      tag: `${tag}dead-letters-${index}`,
    });
  }
}

/** Counts messages without a value. */
export async function storeTombstones(args: {
  clickhouse: ClickHouse;
  tombstones: readonly Message[];
  tag: string;
}): Promise<void> {
  for (const [index, tombstones] of chunks(args.tombstones, (message) => message).entries()) {
    await args.clickhouse.insertAvro({
      table: 'tombstones',
      columns: TOMBSTONE_COLUMNS,
      body: tombstoneContainer(tombstones.map(placeAndKey)),
      tag: `${args.tag}tombstones-${index}`,
    });
  }
}

/** One record on the topic: key topic-partition-offset, CloudEvents attributes as headers. */
export function outgoing(letter: Letter, codec: IngestArgs['deadLetterCodec']): Outgoing {
  const { message } = letter;
  const place = `${message.topic}-${message.partition}-${message.offset}`;
  const payload = message.value ?? Buffer.alloc(0);
  const cut = payload.length > MOST_ON_TOPIC;
  return {
    topic: topic.name,
    key: place,
    value: codec.encode(codec.schemaId, codec.definition, {
      topic: message.topic,
      partition: message.partition,
      offset: message.offset,
      schema_id: letter.schemaId,
      reason: letter.reason,
      detail: cut
        ? `${letter.detail} The first ${MOST_ON_TOPIC} of ${payload.length} bytes; all are in the table dead_letters.`
        : letter.detail,
      key: message.key === null ? null : message.key.subarray(0, MOST_KEY_ON_TOPIC),
      payload: cut ? payload.subarray(0, MOST_ON_TOPIC) : payload,
      appended_at: message.timestampMs,
    }),
    headers: {
      ce_specversion: '1.0',
      ce_id: eventId('dead-letter', message.topic, message.partition, message.offset),
      ce_source: `driftwatch/ingest/${message.topic}`,
      ce_type: 'driftwatch.dead-letter',
      ce_time: new Date(message.timestampMs).toISOString(),
      'content-type': 'application/avro',
    },
  };
}

function letterRow(letter: Letter): Uint8Array {
  const { message } = letter;
  return concatenate([
    placeAndKey(message),
    letter.schemaId === null ? encodeLong(0) : concatenate([encodeLong(1), encodeLong(letter.schemaId)]),
    encodeString(letter.reason),
    encodeString(letter.detail),
    encodeBytes(message.value ?? Buffer.alloc(0)),
    encodeLong(message.timestampMs),
  ]);
}

function placeAndKey(message: Message): Uint8Array {
  return concatenate([
    encodeString(message.topic),
    encodeLong(message.partition),
    encodeLong(message.offset),
    encodeBytes(message.key ?? Buffer.alloc(0)),
  ]);
}

function messageOf(letter: Letter): Message {
  return letter.message;
}

/** Bounded in number and in bytes, so that neither a request to the broker nor a block grows too large. */
function chunks<T>(items: readonly T[], of: (item: T) => Message): T[][] {
  const result: T[][] = [];
  let current: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = (of(item).value?.length ?? 0) + (of(item).key?.length ?? 0) + 512;
    if (current.length > 0 && (current.length >= MOST || bytes + size > MOST_BYTES)) {
      result.push(current);
      current = [];
      bytes = 0;
    }
    current.push(item);
    bytes += size;
  }
  if (current.length > 0) result.push(current);
  return result;
}

const MOST = 5_000;
/** The broker takes record batches of up to 1 MiB; a letter is its message plus a little. */
const MOST_BYTES = 600_000;
/** A message of the largest size would no longer fit with what is said about it. */
const MOST_ON_TOPIC = 512 * 1024;
const MOST_KEY_ON_TOPIC = 64 * 1024;

const PLACE_AND_KEY = [
  { name: 'topic', type: 'string' },
  { name: 'partition', type: 'int' },
  { name: 'offset', type: 'long' },
  { name: 'key', type: 'bytes' },
] as const;
const tombstoneContainer = recordContainer({ type: 'record', name: 'Tombstone', fields: PLACE_AND_KEY });
const TOMBSTONE_COLUMNS = PLACE_AND_KEY.map((field) => field.name);
const DEAD_LETTER_FIELDS = [
  ...PLACE_AND_KEY,
  { name: 'schema_id', type: ['null', 'long'] },
  { name: 'reason', type: 'string' },
  { name: 'detail', type: 'string' },
  { name: 'payload', type: 'bytes' },
  { name: 'appended_at', type: { type: 'long', logicalType: 'timestamp-millis' } },
] as const;
const letterContainer = recordContainer({
  type: 'record',
  name: 'DeadLetterRow',
  fields: DEAD_LETTER_FIELDS,
});
const DEAD_LETTER_COLUMNS = DEAD_LETTER_FIELDS.map((field) => field.name);
