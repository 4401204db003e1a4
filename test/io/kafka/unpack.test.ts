import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lz4Bomb, snappyBomb } from '../../../src/core/evaluation/hostile/record-batch.ts';
import { unpackLz4 } from '../../../src/io/kafka/lz4.ts';
import { createOutput } from '../../../src/io/kafka/output.ts';
import { readRecordSet } from '../../../src/io/kafka/record-set.ts';
import { unpackSnappy } from '../../../src/io/kafka/snappy.ts';
import { COMPRESSIONS, unpack } from '../../../src/io/kafka/unpack.ts';
import { PACKED, PACKED_MESSAGES } from '../../fixtures/packed-batches.ts';

const LIMITS = { bytes: 1 << 20, messages: 100, bytesPerBatch: 1 << 20, headers: 100 };
const RECORDS_AT = 61;

test('batches that the broker packed with its own libraries are read in all four compressions', async () => {
  for (const [name, set] of Object.entries(PACKED)) {
    const read = await readRecordSet({ set, from: 0, limits: LIMITS });
    assert.deepEqual(
      read?.messages.map(({ key, value, timestamp }) => ({ key: String(key), value, timestamp })),
      PACKED_MESSAGES,
      name,
    );
    assert.deepEqual(read?.messages[2]?.headers, { h: Buffer.from('v') });
  }
});

test('cut or changed bytes are refused or unpacked to something bounded, and nothing is thrown', async () => {
  for (const name of ['snappy', 'lz4', 'zstd', 'gzip'] as const) {
    const packed = PACKED[name].subarray(RECORDS_AT);
    const whole = await unpack(name, packed, LIMITS.bytesPerBatch);
    assert.equal(whole.status, 'ok');
    for (let end = 0; end < packed.length; end += 1) {
      const cut = await unpack(name, packed.subarray(0, end), LIMITS.bytesPerBatch);
      if (cut.status === 'ok') assert.ok(cut.bytes.length < 900, `${name} cut at ${end}`);
    }
    for (let at = 0; at < packed.length; at += 1) {
      const changed = Buffer.from(packed);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const result = await unpack(name, changed, 10_000);
      if (result.status === 'ok') assert.ok(result.bytes.length <= 10_000);
    }
  }
});

test('random bytes are never taken for more than the limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...COMPRESSIONS.filter((name) => name !== 'none')),
      fc.uint8Array({ maxLength: 300 }),
      async (name, bytes) => {
        const result = await unpack(name, Buffer.from(bytes), 1_000);
        if (result.status === 'ok') assert.ok(result.bytes.length <= 1_000);
      },
    ),
  );
});

test('a bomb is refused at the limit, and taken just below it', async () => {
  assert.equal(await unpackLz4(Buffer.from(lz4Bomb(10_000)), 2_000_000), undefined);
  const taken = await unpackLz4(Buffer.from(lz4Bomb(10_000)), 3_000_000);
  assert.equal(taken?.length, 1 + 15 + 255 * 10_000 + 4);
  assert.equal(await unpackSnappy(Buffer.from(snappyBomb(30_000)), 2_000_000), undefined);
  assert.match((await unpack('lz4', Buffer.from(lz4Bomb(10_000)), 1_000)).status, /bad/);
});

test('repetitions are what copying byte by byte gives, whatever their distance and length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 20 }),
      fc.array(fc.tuple(fc.nat(40), fc.nat(300)), { maxLength: 6 }),
      (start, repeats) => {
        const output = createOutput({ expected: 1, most: 10_000 });
        output.push(start, 0, start.length);
        const expected = [...start];
        for (const [distance, length] of repeats) {
          const possible = distance >= 1 && distance <= expected.length;
          assert.equal(output.repeat(distance, length), possible);
          if (!possible) continue;
          for (let i = 0; i < length; i += 1) expected.push(expected[expected.length - distance] ?? 0);
        }
        assert.deepEqual([...output.bytes()], expected);
      },
    ),
  );
});
