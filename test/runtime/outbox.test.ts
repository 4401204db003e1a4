import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { eventId } from '../../src/core/uuid.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type Outbox, type OutboxEvent, openOutbox } from '../../src/runtime/outbox.ts';
import { type Loop, makeLoop } from '../fixtures/loop.ts';
import { stack, uniqueName } from '../fixtures/stack.ts';

test('events go out in the order they were put, once, with the headers of CloudEvents', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('outbox'));
  const outbox = await open(t, loop);
  await outbox.put([event(loop, 1), event(loop, 2)]);
  await outbox.put([event(loop, 2), event(loop, 3), event(loop, 3)]);
  assert.equal(await outbox.publish(), 3);
  assert.equal(await outbox.publish(), 0);
  await outbox.put([event(loop, 1)]);
  assert.equal(await outbox.publish(), 0, 'an event that was put before is not put again');
  const messages = await read(loop);
  assert.deepEqual(
    messages.map((message) => message.body),
    [1, 2, 3].map((n) => ({ n })),
  );
  assert.deepEqual(messages[0]?.headers, {
    ce_specversion: '1.0',
    ce_id: eventId('test', 1),
    ce_source: '/driftwatch/test',
    ce_type: 'driftwatch.test',
    ce_time: '2024-01-01T00:00:00.000Z',
    'content-type': 'application/avro',
  });
  assert.equal(messages[0]?.key, 'key 1');
});

test('what was sent but not marked before a crash is found on the topic and not sent again', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('outbox'));
  const first = await open(t, loop, dyingAt(loop, 2));
  await first.put([1, 2, 3].map((n) => event(loop, n)));
  await assert.rejects(first.publish(), /died/);
  const second = await open(t, loop);
  await second.put([1, 2, 3, 4].map((n) => event(loop, n)));
  assert.equal(await second.publish(), 2);
  assert.deepEqual(
    (await read(loop)).map((message) => message.body),
    [1, 2, 3, 4].map((n) => ({ n })),
  );
  const marks = await loop.clickhouse.rows('outbox-last-marks', { topic: loop.names.releases }, MARK);
  // Each event is a transaction of its own, which takes one more offset.
  assert.deepEqual(marks, [{ partition: 0, last: 6 }]);
});

test('a send that fails is doubted: the same outbox reads back before it sends again', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('outbox'));
  const outbox = await open(t, loop, sendingThenFailing(loop));
  await outbox.put([event(loop, 1), event(loop, 2)]);
  assert.equal(await outbox.publish(), 1);
  assert.deepEqual(
    (await read(loop)).map((message) => message.body),
    [{ n: 1 }, { n: 2 }],
  );
});

test('two processes that both believe they publish send every event once', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('outbox'));
  const one = await open(t, loop);
  const two = await open(t, loop);
  for (let n = 1; n <= 6; n += 1) {
    // Both have found the same thing out; whoever comes second shuts the first out and reads what it sent.
    await Promise.all([one, two].map((outbox) => outbox.put([event(loop, n)])));
    await Promise.all([one, two].map((outbox) => outbox.publish()));
  }
  const bodies = (await read(loop)).map(({ body }) => body);
  assert.deepEqual(
    bodies,
    [1, 2, 3, 4, 5, 6].map((n) => ({ n })),
  );
});

test('a process that was shut out in the middle of a send does not bring the event a second time', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('outbox'));
  const held = Promise.withResolvers<void>();
  const asleep = Promise.withResolvers<void>();
  const sleeper = await open(t, loop, {
    kafka: {
      ...loop.kafka,
      async producer(args) {
        const producer = await loop.kafka.producer(args);
        return {
          ...producer,
          async send(messages) {
            asleep.resolve();
            await held.promise;
            return producer.send(messages);
          },
        };
      },
    },
  });
  await sleeper.put([event(loop, 1)]);
  const waking = sleeper.publish();
  await asleep.promise;
  const heir = await open(t, loop);
  await heir.put([event(loop, 1)]);
  assert.equal(await heir.publish(), 1);
  held.resolve();
  assert.equal(await waking, 0);
  assert.equal((await read(loop)).length, 1);
});

test('an event for a topic of somebody else is a bug', async (t) => {
  const loop = await makeLoop(t, stack(), uniqueName('outbox'));
  const outbox = await open(t, loop);
  await assert.rejects(outbox.put([{ ...event(loop, 1), topic: 'elsewhere' }]), { code: 'INVARIANT_BROKEN' });
});

const MARK = z.object({ partition: z.coerce.number(), last: z.coerce.number() });

function event(loop: Loop, n: number): OutboxEvent {
  return {
    eventId: eventId('test', n),
    topic: loop.names.releases,
    key: `key ${n}`,
    type: 'driftwatch.test',
    eventTimeMs: Date.UTC(2024, 0, 1),
    value: { n },
  };
}

async function open(
  t: { after(clean: () => Promise<void>): void },
  loop: Loop,
  ports: Partial<Pick<Loop, 'clickhouse' | 'kafka'>> = {},
): Promise<Outbox> {
  const outbox = await openOutbox({
    clickhouse: loop.clickhouse,
    kafka: loop.kafka,
    ...ports,
    encoders: new Map([[loop.names.releases, (value) => Buffer.from(JSON.stringify(value))]]),
    source: '/driftwatch/test',
    exclusive: `outbox-${loop.names.releases}`,
    log: silentLog,
  });
  t.after(() => outbox.close());
  return outbox;
}

/** ClickHouse that fails to take the mark number `n`, as if the process had died after the send. */
function dyingAt(loop: Loop, n: number): Pick<Loop, 'clickhouse'> {
  let marks = 0;
  return {
    clickhouse: {
      ...loop.clickhouse,
      async insert(table, rows) {
        if (table === 'outbox_marks' && rows.length > 0) {
          marks += 1;
          if (marks === n) throw new Error('died');
        }
        return loop.clickhouse.insert(table, rows);
      },
    },
  };
}

/** Kafka whose first send arrives and is answered by a failure. */
function sendingThenFailing(loop: Loop): Pick<Loop, 'kafka'> {
  let failed = false;
  return {
    kafka: {
      ...loop.kafka,
      async producer(args) {
        const producer = await loop.kafka.producer(args);
        return {
          ...producer,
          async send(messages) {
            const sent = await producer.send(messages);
            if (failed) return sent;
            failed = true;
            throw new Error('no answer');
          },
        };
      },
    },
  };
}

async function read(loop: Loop): Promise<{ key: string; body: unknown; headers: Record<string, string> }[]> {
  const found: { key: string; body: unknown; headers: Record<string, string> }[] = [];
  const follower = await loop.kafka.follow({
    topic: loop.names.releases,
    async onMessage(message) {
      found.push({
        key: String(message.key),
        body: JSON.parse(String(message.value)),
        headers: { ...message.headers },
      });
    },
  });
  await follower.caughtUp;
  await follower.close();
  return found;
}
