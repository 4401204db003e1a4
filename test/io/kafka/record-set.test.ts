import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { joined, longBytes } from '../../../src/core/evaluation/hostile/avro-writer.ts';
import { recordBatch, recordBytes } from '../../../src/core/evaluation/hostile/record-batch.ts';
import { readRecordSet, UNREADABLE } from '../../../src/io/kafka/record-set.ts';

const LIMITS = { bytes: 1 << 20, messages: 10_000, bytesPerBatch: 1 << 20, headers: 100 };

test('what kafkajs writes is read back as it was, whole or in parts of any size, from any offset', async () => {
  const message = fc.record({
    key: fc.option(fc.uint8Array({ maxLength: 40 })),
    value: fc.option(fc.uint8Array({ maxLength: 200 })),
    headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 8 }), {
      maxKeys: 3,
    }),
    delta: fc.integer({ min: 0, max: 5_000 }),
  });
  const batches = fc.array(fc.tuple(fc.boolean(), fc.array(message, { minLength: 1, maxLength: 12 })), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(30), fc.integer({ min: 1, max: 9 }), async (drawn, from, most) => {
      const sets: Buffer[] = [];
      const expected: unknown[] = [];
      let base = 0;
      for (const [packed, messages] of drawn) {
        sets.push(await kafkajsBatch(base, messages, packed));
        for (const [i, { key, value, headers, delta }] of messages.entries()) {
          if (base + i < from) continue;
          const texts = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
          expected.push({
            offset: String(base + i),
            timestamp: String(FIRST_MS + delta),
            key: key === null ? null : Buffer.from(key),
            value: value === null ? null : Buffer.from(value),
            headers: Object.fromEntries(texts),
          });
        }
        base += messages.length;
      }
      const set = Buffer.concat(sets);
      const read: unknown[] = [];
      for (let at = from; at < base; ) {
        const part = await readRecordSet({ set, from: at, limits: { ...LIMITS, messages: most } });
        const messages = part?.messages.filter((one) => !one.isControlRecord) ?? [];
        assert.ok(messages.length > 0 && messages.length <= most);
        for (const { offset, timestamp, key, value, headers } of messages) {
          read.push({ offset, timestamp, key, value, headers });
        }
        at = Number(messages.at(-1)?.offset) + 1;
      }
      assert.deepEqual(read, expected);
    }),
    { numRuns: 60 },
  );
});

test('a batch that unpacks to more than the limit is as many marked messages as it has, and reading goes on behind it', async () => {
  for (const [compression, pack] of [
    [1, gzipSync],
    [4, zstdCompressSync],
  ] as const) {
    const bomb = recordBatch({
      base: 5,
      compression,
      count: 3,
      lastDelta: 2,
      body: pack(Buffer.alloc(LIMITS.bytesPerBatch + 1)),
    });
    const read = await readRecordSet({ set: join(bomb, plain(8, 'after')), from: 5, limits: LIMITS });
    const messages = read?.messages ?? [];
    assert.deepEqual(
      messages.map(({ offset, [UNREADABLE]: why }) => [offset, why !== undefined]),
      [
        ['5', true],
        ['6', true],
        ['7', true],
        ['8', false],
      ],
    );
    assert.match(messages[0]?.[UNREADABLE] ?? '', /offsets 5 to 7 \(3 messages.*more than 1048576 bytes/);
    // The evidence is kept once.
    assert.deepEqual(messages[0]?.value, Buffer.from(bomb));
    assert.deepEqual(messages[1]?.value, Buffer.alloc(0));
    assert.equal(messages[3]?.value?.toString(), 'after');
  }
});

test('what a header claims costs nothing: of two billion messages a thousand are marked, and the next batch is reached from any', async () => {
  const body = Buffer.from('no');
  const last = 2 ** 31 - 1;
  const liar = recordBatch({ base: 0, compression: 0, count: last, lastDelta: last, body });
  const set = join(liar, plain(last + 1, 'after'));
  for (const [from, messages, expected] of [
    [0, 400, 400],
    [400, 10_000, 602],
    [999, 10_000, 3],
    [1_000, 10_000, 2],
    [last, 10_000, 2],
  ] as const) {
    const read = await readRecordSet({ set, from, limits: { ...LIMITS, messages } });
    const found = read?.messages ?? [];
    assert.equal(found.length, expected);
    if (expected === 400) continue;
    assert.deepEqual(
      found.slice(-2).map(({ offset, isControlRecord }) => [Number(offset), isControlRecord]),
      [
        [last, true],
        [last + 1, false],
      ],
    );
  }
});

test('records that are not as their header says are marked, whatever is wrong with them', async () => {
  const good = recordBytes({ delta: 0, value: Buffer.from('good') });
  const bodies = {
    'shorter than its length': good.slice(0, -1),
    'a length of gigabytes': joined([longBytes(2 ** 31), good]),
    'a negative length': joined([longBytes(-5), good]),
    'a number beyond the batch': recordBytes({ delta: 9, value: Buffer.from('x') }),
    'fewer than counted': new Uint8Array(0),
    'a varint without end': new Uint8Array(30).fill(255),
  };
  for (const [what, body] of Object.entries(bodies)) {
    const set = join(
      recordBatch({ base: 3, compression: 0, count: 1, lastDelta: 0, body }),
      plain(4, 'after'),
    );
    const read = await readRecordSet({ set, from: 0, limits: LIMITS });
    assert.deepEqual(
      read?.messages.map(({ offset, [UNREADABLE]: why }) => [offset, why !== undefined]),
      [
        ['3', true],
        ['4', false],
      ],
      what,
    );
  }
});

test('a batch whose end compaction has taken is left behind, and a cut one waits for the next answer', async () => {
  const body = recordBytes({ delta: 1, value: Buffer.from('kept') });
  const thinned = recordBatch({ base: 10, compression: 0, count: 1, lastDelta: 7, body });
  const read = await readRecordSet({ set: Buffer.from(thinned), from: 10, limits: LIMITS });
  assert.deepEqual(
    read?.messages.map(({ offset, isControlRecord }) => [offset, isControlRecord]),
    [
      ['11', false],
      ['17', true],
    ],
  );
  const beyond = await readRecordSet({ set: Buffer.from(thinned), from: 14, limits: LIMITS });
  assert.deepEqual(
    beyond?.messages.map(({ offset, isControlRecord }) => [offset, isControlRecord]),
    [['17', true]],
  );
  const cut = join(plain(0, 'whole'), thinned).subarray(0, -3);
  const some = await readRecordSet({ set: cut, from: 0, limits: LIMITS });
  assert.deepEqual(
    some?.messages.map(({ offset }) => offset),
    ['0'],
  );
});

test('thousands of headers cost no more than their number, and only the first are kept', async () => {
  const headers = Array.from({ length: 20_000 }, (_, i) => joined([text(`name ${i}`), text('value')]));
  const body = recordBytes({ delta: 0, value: Buffer.from('v'), headers });
  const set = Buffer.from(recordBatch({ base: 0, compression: 0, count: 1, lastDelta: 0, body }));
  const read = await readRecordSet({ set, from: 0, limits: LIMITS });
  assert.equal(Object.keys(read?.messages[0]?.headers ?? {}).length, LIMITS.headers);
  assert.equal(read?.messages[0]?.value?.toString(), 'v');
});

test('messages that were cut out of a large packed batch do not keep it in memory', async () => {
  const bodies = Array.from({ length: 5_000 }, (_, delta) =>
    recordBytes({ delta, value: Buffer.alloc(150) }),
  );
  const body = zstdCompressSync(Buffer.concat(bodies));
  const set = Buffer.from(recordBatch({ base: 0, compression: 4, count: 5_000, lastDelta: 4_999, body }));
  const read = await readRecordSet({ set, from: 0, limits: { ...LIMITS, messages: 10 } });
  assert.equal(read?.messages.length, 10);
  for (const { value } of read?.messages ?? []) assert.ok((value?.buffer.byteLength ?? 0) < 100_000);
});

test('sets from before Kafka 0.11 are left to kafkajs', async () => {
  const old = Buffer.from(plain(0, 'old'));
  old[16] = 1;
  assert.equal(await readRecordSet({ set: old, from: 0, limits: LIMITS }), undefined);
});

const FIRST_MS = 1_364_774_400_000;

function plain(base: number, value: string): Uint8Array {
  const body = recordBytes({ delta: 0, value: Buffer.from(value) });
  return recordBatch({ base, compression: 0, count: 1, lastDelta: 0, body });
}

function text(value: string): Uint8Array {
  return joined([longBytes(value.length), Buffer.from(value)]);
}

function join(...batches: Uint8Array[]): Buffer {
  return Buffer.concat(batches);
}

/** A batch as kafkajs' producer writes it. */
async function kafkajsBatch(
  base: number,
  messages: readonly {
    key: Uint8Array | null;
    value: Uint8Array | null;
    headers: Readonly<Record<string, string>>;
    delta: number;
  }[],
  packed: boolean,
): Promise<Buffer> {
  const record = part('record/v0');
  const batch = part('v0', 'RecordBatch');
  const long: unknown = createRequire(import.meta.url)('kafkajs/src/utils/long');
  const fromValue = typeof long === 'function' ? Reflect.get(long, 'fromValue') : undefined;
  assert.ok(typeof fromValue === 'function');
  const made: unknown = await batch({
    compression: packed ? 1 : 0,
    firstOffset: Reflect.apply(fromValue, long, [base]),
    firstTimestamp: FIRST_MS,
    maxTimestamp: FIRST_MS + 5_000,
    lastOffsetDelta: messages.length - 1,
    records: messages.map(({ key, value, headers, delta }, offsetDelta) =>
      record({
        offsetDelta,
        timestampDelta: delta,
        key: key === null ? null : Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        headers,
      }),
    ),
  });
  const bytes: unknown = typeof made === 'object' && made !== null ? Reflect.get(made, 'buffer') : undefined;
  assert.ok(Buffer.isBuffer(bytes));
  return bytes;
}

function part(path: string, name?: string): (args: object) => unknown {
  const found: unknown = createRequire(import.meta.url)(`kafkajs/src/protocol/recordBatch/${path}`);
  const made: unknown = name === undefined ? found : Reflect.get(Object(found), name);
  if (typeof made !== 'function') throw new Error(`kafkajs has no ${path}`);
  return (args) => Reflect.apply(made, undefined, [args]);
}
