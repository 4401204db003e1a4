import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { joined, longBytes } from '../../../src/core/evaluation/hostile/avro-writer.ts';
import { recordBytes } from '../../../src/core/evaluation/hostile/record-batch.ts';
import { UNPACKED } from '../../../src/io/kafka/limits.ts';
import { exampleOf, framed, openRig, type Rig } from '../../fixtures/ingest-rig.ts';
import { stack } from '../../fixtures/stack.ts';

test('a record batch that unpacks to gigabytes is set aside with its bytes, and its partition goes on', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 2 });
  await rig.send(goods(rig, 0, 100));
  const packed = bomb(UNPACKED.bytesPerBatch + 1);
  await sendPacked(t, rig.topic, packed, 3);
  await rig.send(goods(rig, 100, 200));
  const ingest = await rig.start();
  await ingest.settled();

  const letters = await rig.letters();
  assert.deepEqual(
    letters.map(({ partition, offset, reason }) => [partition, offset, reason]),
    [50, 51, 52].map((offset) => [0, offset, 'unreadable-batch']),
  );
  assert.match(letters[0]?.detail ?? '', /offsets 50 to 52 \(3 messages, zstd, .* more than 268435456 bytes/);
  assert.deepEqual(await rig.totals(), {
    consumed: 203,
    stored: 200,
    dead_letters: 3,
    tombstones: 0,
    unexplained: 0,
  });
});

test('times that no clock shows, in a message and about it, are rows and stop nobody', async (t) => {
  const rig = await openRig(t, { addresses: stack(), partitions: 1 });
  const at = (ms: number) => framed(rig.schemaId, rig.type.toBuffer({ ...exampleOf(1), event_time: ms }));
  const client = new kafkajs.Kafka({ brokers: [...stack().brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  t.after(() => producer.disconnect());
  await producer.connect();
  await producer.send({
    topic: rig.topic,
    messages: [
      { key: 'a', value: at(-8_640_000_000_000_000), timestamp: '1' },
      { key: 'b', value: Buffer.from('no frame'), timestamp: '1' },
    ],
  });
  await producer.send({
    topic: rig.topic,
    messages: [{ key: 'c', value: Buffer.from('no frame'), timestamp: '-9000000000000000000' }],
  });
  await rig.send([{ key: 'd', value: at(8_640_000_000_000_000), partition: 0 }, ...goods(rig, 0, 5, 1)]);
  const ingest = await rig.start();
  await ingest.settled();
  assert.deepEqual(await rig.totals(), {
    consumed: 9,
    stored: 7,
    dead_letters: 2,
    tombstones: 0,
    unexplained: 0,
  });
  const watermark = ingest.watermarks().get(rig.topic)?.[0]?.maxEventTimeMs ?? Number.NaN;
  assert.ok(watermark > 0 && watermark < Date.now() + 7_200_001, String(watermark));
});

function goods(rig: Rig, from: number, to: number, partitions = 2) {
  return Array.from({ length: to - from }, (_, i) => ({
    key: `e${from + i}`,
    partition: i % partitions,
    value: framed(rig.schemaId, rig.type.toBuffer(exampleOf(from + i))),
  }));
}

/** Three records as the broker wants them, the middle one as large as a gigabyte packs small. */
function bomb(bytes: number): Buffer {
  const head = joined([Uint8Array.of(0), longBytes(0), longBytes(1), longBytes(-1), longBytes(bytes)]);
  const small = (delta: number) => recordBytes({ delta, value: Buffer.from('small') });
  return zstdCompressSync(
    Buffer.concat([
      small(0),
      longBytes(head.length + bytes + 1),
      head,
      Buffer.alloc(bytes),
      longBytes(0),
      small(2),
    ]),
  );
}

/** Sends a batch that is packed already: the producer is given a codec that knows no other answer. */
async function sendPacked(
  t: { after(clean: () => Promise<void>): void },
  topic: string,
  packed: Buffer,
  count: number,
): Promise<void> {
  const { CompressionTypes, CompressionCodecs } = kafkajs;
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({ compress: async () => packed });
  const client = new kafkajs.Kafka({ brokers: [...stack().brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  t.after(() => producer.disconnect());
  await producer.connect();
  await producer.send({
    topic,
    compression: CompressionTypes.ZSTD,
    messages: Array.from({ length: count }, () => ({ key: 'k', value: 'x', partition: 0 })),
  });
}
