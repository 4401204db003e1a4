import assert from 'node:assert/strict';
import { test } from 'node:test';
import kafkajs from 'kafkajs';
import { openKafka } from '../../../src/io/kafka/kafka.ts';
import type { Consumer, Kafka, Outgoing } from '../../../src/io/kafka/port.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

test('a group that members join and leave hands over every message, and each member reads without gaps', async (t) => {
  const { kafka, topic } = await ownTopic(t, 4);
  const producer = await kafka.producer();
  const n = 12_000;
  const groupId = uniqueName('group');
  const seen = new Set<string>();
  const floors = new Map<number, number>();
  const members: Consumer[] = [];
  const join = async () => {
    const next = new Map<number, number>();
    const member = await kafka.consume({
      groupId,
      topics: [topic],
      fromBeginning: true,
      sessionTimeoutMs: 6_000,
      flush: { rows: 200, bytes: 1 << 20, lingerMs: 5 },
      async onAssigned({ partition }) {
        const from = floors.get(partition) ?? 0;
        next.set(partition, from);
        return from;
      },
      async onBatch({ partition, messages, nextOffset }, control) {
        for (const message of messages) {
          assert.equal(message.offset, next.get(partition));
          next.set(partition, message.offset + 1);
          seen.add(`${partition}/${message.offset}`);
        }
        if (control.signal.aborted) return;
        floors.set(partition, Math.max(floors.get(partition) ?? 0, nextOffset));
        control.commit(nextOffset);
      },
    });
    members.push(member);
    return member;
  };
  const first = await join();
  const sending = (async () => {
    for (let from = 0; from < n; from += 500) await producer.send(messagesOf(topic, from, 500));
  })();
  await until('the first member reads', () => seen.size > 500);
  await join();
  await until('two members read', () => seen.size > 3_000);
  await join();
  await first.close();
  await sending;
  await until('every message was handed over', () => seen.size === n, 60_000);
  await Promise.all(members.map((member) => member.close()));
});

test('the committed offset is the one noted last, and a new member without a place of its own begins there', async (t) => {
  const { kafka, topic } = await ownTopic(t, 1);
  const producer = await kafka.producer();
  const groupId = uniqueName('group');
  await producer.send(messagesOf(topic, 0, 100));
  const offsets: number[] = [];
  const consume = async () =>
    kafka.consume({
      groupId,
      topics: [topic],
      fromBeginning: true,
      async onBatch({ messages, nextOffset }, control) {
        offsets.push(...messages.map((message) => message.offset));
        control.commit(nextOffset);
      },
    });
  const one = await consume();
  await until('the first hundred are read', () => offsets.length === 100);
  await one.close();
  await producer.send(messagesOf(topic, 100, 50));
  const two = await consume();
  await until('the rest is read', () => offsets.includes(149));
  await two.close();
  assert.deepEqual(
    offsets,
    Array.from({ length: 150 }, (_, i) => i),
  );
});

test('control records of transactions, aborted ones too, are no gap and no message', async (t) => {
  const { kafka, topic } = await ownTopic(t, 1);
  const client = new kafkajs.Kafka({ brokers: [...stack().brokers], logLevel: kafkajs.logLevel.NOTHING });
  const producer = client.producer({
    transactionalId: uniqueName('tx'),
    maxInFlightRequests: 1,
    idempotent: true,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  t.after(() => producer.disconnect());
  await producer.connect();
  const inTransaction = async (value: string, end: 'commit' | 'abort') => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ key: 'k', value }] });
    await transaction[end]();
  };
  for (const [value, end] of [
    ['a', 'commit'],
    ['b', 'abort'],
    ['c', 'commit'],
    ['d', 'abort'],
    ['e', 'commit'],
  ] as const) {
    await until(`${value} is sent`, () =>
      inTransaction(value, end).then(
        () => true,
        () => false,
      ),
    );
  }
  const values: string[] = [];
  const follower = await kafka.follow({
    topic,
    async onMessage({ value }) {
      values.push(String(value));
    },
  });
  t.after(() => follower.close());
  await until('all committed messages are read', () => values.at(-1) === 'e');
  assert.deepEqual(values, ['a', 'c', 'e']);
});

test('a follower reads from the beginning or from given offsets, goes on, and leaves no group behind', async (t) => {
  const { kafka, topic } = await ownTopic(t, 2);
  const producer = await kafka.producer();
  await producer.send([...messagesOf(topic, 0, 10, 0), ...messagesOf(topic, 10, 10, 1)]);
  const keys: string[] = [];
  const follower = await kafka.follow({
    topic,
    from: new Map([[1, 7]]),
    async onMessage({ key }) {
      keys.push(String(key));
    },
  });
  await follower.caughtUp;
  assert.deepEqual(keys.toSorted(), ['0', '1', '17', '18', '19', '2', '3', '4', '5', '6', '7', '8', '9']);
  await producer.send(messagesOf(topic, 20, 1, 0));
  await until('it goes on', () => keys.includes('20'));
  await follower.close();
  const admin = new kafkajs.Kafka({ brokers: [...stack().brokers] }).admin();
  t.after(() => admin.disconnect());
  await admin.connect();
  const { groups } = await admin.listGroups();
  assert.equal(groups.filter(({ groupId }) => groupId.includes(topic)).length, 0);
});

test('a follower of an empty topic is caught up at once', async (t) => {
  const { kafka, topic } = await ownTopic(t, 3);
  const follower = await kafka.follow({
    topic,
    onMessage: () => Promise.reject(new Error('nothing is there')),
  });
  await follower.caughtUp;
  await follower.close();
});

test('topics in every compression that Kafka has are read, as the broker packs them', async (t) => {
  const kafka = openKafka({ brokers: stack().brokers, clientId: uniqueName('client'), log: silentLog });
  t.after(() => kafka.close());
  const admin = new kafkajs.Kafka({ brokers: [...stack().brokers] }).admin();
  t.after(() => admin.disconnect());
  await admin.connect();
  const names = ['gzip', 'snappy', 'lz4', 'zstd'];
  const topics = names.map((name) => ({ name, topic: uniqueName(name) }));
  await admin.createTopics({
    topics: topics.map(({ name, topic }) => ({
      topic,
      numPartitions: 1,
      configEntries: [{ name: 'compression.type', value: name }],
    })),
  });
  const values = [
    Buffer.from('x'.repeat(300_000)),
    Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) >>> (i % 5))),
    Buffer.from(Array.from({ length: 5_000 }, (_, i) => `flight ${i % 700} left at ${i * 61}`).join()),
    Buffer.alloc(0),
  ];
  const producer = await kafka.producer();
  for (const { topic } of topics) {
    await producer.send(values.map((value, i) => ({ topic, key: String(i), value, partition: 0 })));
  }
  for (const { name, topic } of topics) {
    const read: (Buffer | null)[] = [];
    const follower = await kafka.follow({
      topic,
      async onMessage({ value }) {
        read.push(value);
      },
    });
    await follower.caughtUp;
    await follower.close();
    assert.equal(read.length, values.length, name);
    for (const [i, value] of values.entries()) assert.ok(read[i]?.equals(value), `${name} ${i}`);
  }
});

async function ownTopic(
  t: { after(clean: () => Promise<void>): void },
  partitions: number,
): Promise<{ kafka: Kafka; topic: string }> {
  const kafka = openKafka({ brokers: stack().brokers, clientId: uniqueName('client'), log: silentLog });
  t.after(() => kafka.close());
  const name = uniqueName('topic');
  await kafka.createTopics([
    {
      name,
      key: 'k',
      partitions,
      retentionMs: -1,
      cleanup: 'delete',
      subject: name,
      compatibility: 'NONE',
      doc: '',
    },
  ]);
  return { kafka, topic: name };
}

function messagesOf(topic: string, from: number, n: number, partition?: number): Outgoing[] {
  return Array.from({ length: n }, (_, k) => ({
    topic,
    key: String(from + k),
    value: Buffer.from(String(from + k)),
    ...(partition === undefined ? {} : { partition }),
  }));
}
