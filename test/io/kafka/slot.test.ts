import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch, ConsumeArgs, Message } from '../../../src/io/kafka/port.ts';
import { createSlot, type Slot } from '../../../src/io/kafka/slot.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { until } from '../../fixtures/until.ts';

test('whatever fetches arrive, stale, repeated or ahead, messages are handed over in order and without a gap', async () => {
  const fetches = fc.array(fc.record({ from: fc.nat(30), length: fc.integer({ min: 1, max: 5 }) }), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(fetches, async (list) => {
      const { slot, handed, sought } = await begun({ at: 10 });
      for (const { from, length } of list) {
        const before = sought.length;
        slot.accept(fetchOf(from, length));
        // What kafkajs does: after a seek the next fetch begins there.
        if (sought.length > before) slot.accept(fetchOf(sought.at(-1) ?? 0, length));
      }
      await slot.revoke();
      assert.deepEqual(
        handed,
        Array.from({ length: handed.length }, (_, i) => 10 + i),
      );
    }),
    { numRuns: 60 },
  );
});

test('a fetch that begins later a second time shows that nothing lies between', async () => {
  const { slot, handed, sought } = await begun({ at: 0 });
  assert.equal(slot.accept(fetchOf(0, 3)), true);
  assert.equal(slot.accept(fetchOf(5, 2)), false);
  assert.deepEqual(sought, [0, 3]);
  assert.equal(slot.accept(fetchOf(5, 2)), true);
  await until('all are handed over', () => handed.length === 5);
  assert.deepEqual(handed, [0, 1, 2, 5, 6]);
  await slot.revoke();
});

test('a full buffer pauses its partition, and resumes it once half is gone', async () => {
  const gate = Promise.withResolvers<void>();
  const { slot, paused, handed } = await begun({ at: 0, maxBytes: 1_000, onBatch: () => gate.promise });
  slot.accept(fetchOf(0, 1));
  assert.equal(slot.progress()[0]?.paused, false);
  slot.accept(fetchOf(1, 30));
  assert.equal(slot.progress()[0]?.paused, true);
  gate.resolve();
  await until('it is resumed', () => slot.progress()[0]?.paused === false);
  assert.deepEqual(paused, ['resume', 'pause', 'resume']);
  await until('all are handed over', () => handed.length === 31);
  await slot.revoke();
});

test('a revoked slot drops its buffer, aborts the signal and takes nothing more', async () => {
  const gate = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  const { slot, handed, committed } = await begun({
    at: 0,
    async onBatch(_, control) {
      ({ signal } = control);
      await gate.promise;
      control.commit(99);
    },
  });
  slot.accept(fetchOf(0, 2));
  await until('a batch is under way', () => signal !== undefined);
  slot.accept(fetchOf(2, 2));
  const revoked = slot.revoke();
  assert.equal(signal?.aborted, true);
  assert.equal(slot.accept(fetchOf(4, 1)), false);
  gate.resolve();
  await revoked;
  assert.deepEqual(handed, [0, 1]);
  assert.deepEqual(committed, []);
});

test('a batch that is not taken is handed over again, the same one, before any other', async () => {
  let throws = 2;
  const { slot, handed } = await begun({
    at: 0,
    async onBatch() {
      if (throws-- > 0) throw new Error('not now');
    },
  });
  slot.accept(fetchOf(0, 2));
  await until('the first batch is under way', () => handed.length > 0);
  slot.accept(fetchOf(2, 1));
  await until('all are handed over', () => handed.length === 7);
  assert.deepEqual(handed, [0, 1, 0, 1, 0, 1, 2]);
  await slot.revoke();
});

test('beginning again drops the buffer and asks anew where to begin', async () => {
  let doubtful = true;
  const { slot, handed, sought } = await begun({
    at: 4,
    async onBatch(_, control) {
      if (doubtful) control.beginAgain();
      doubtful = false;
    },
  });
  slot.accept(fetchOf(4, 2));
  await until('it has sought again', () => sought.length === 2);
  assert.deepEqual(sought, [4, 4]);
  assert.equal(slot.accept(fetchOf(6, 1)), false);
  assert.equal(slot.accept(fetchOf(4, 3)), true);
  await until('all are handed over', () => handed.length === 5);
  assert.deepEqual(handed, [4, 5, 4, 5, 6]);
  await slot.revoke();
});

async function begun(args: { at: number; maxBytes?: number; onBatch?: ConsumeArgs['onBatch'] }) {
  const handed: number[] = [];
  const sought: number[] = [];
  const paused: string[] = [];
  const committed: number[] = [];
  const slot: Slot = createSlot({
    topic: 't',
    partition: 0,
    flush: { rows: 1_000, bytes: 1_000_000, lingerMs: 1 },
    maxBytes: args.maxBytes ?? 1_000_000,
    consumer: {
      pause: () => paused.push('pause'),
      resume: () => paused.push('resume'),
      seek: ({ offset }) => sought.push(Number(offset)),
    },
    consume: {
      onAssigned: async () => args.at,
      async onBatch(batch: Batch, control) {
        handed.push(...batch.messages.map((message) => message.offset));
        await args.onBatch?.(batch, control);
      },
    },
    committer: { note: (_, __, offset) => committed.push(offset) },
    log: silentLog,
  });
  await slot.begin(undefined);
  return { slot, handed, sought, paused, committed };
}

function fetchOf(from: number, length: number) {
  const messages = Array.from({ length }, (_, i): Message => {
    return {
      topic: 't',
      partition: 0,
      offset: from + i,
      key: null,
      value: null,
      timestampMs: 0,
      headers: {},
    };
  });
  return { messages, fetchedOffset: from, nextOffset: from + length, highWatermark: 1_000 };
}
