import assert from 'node:assert/strict';
import { test } from 'node:test';
import kafkajs from 'kafkajs';
import { DriftwatchError } from '../../../src/errors.ts';
import { openKafka } from '../../../src/io/kafka/kafka.ts';
import type { Kafka } from '../../../src/io/kafka/port.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Topic } from '../../../topics/topic.ts';
import { startDropProxy } from '../../fixtures/drop-proxy.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

const SENDS = 120;
const AT_ONCE = 8;
const EACH = 5;

test('with every third answer to a produce request lost and eight callers at once, no message is lost and none is doubled', async (t) => {
  const { kafka, topic, broker, dropped } = await behindProxy(t);
  const faulty = openKafka({ brokers: [broker], clientId: 'faulty', log: silentLog });
  t.after(() => faulty.close());
  const producer = await faulty.producer();
  await atOnce(SENDS, AT_ONCE, (i) =>
    producer.send(keysOf(i).map((key) => ({ topic, key, value: Buffer.from(key) }))),
  );
  assert.ok(dropped() > 20, `${dropped()} answers lost`);
  const seen = await readAll(kafka, topic);
  assert.equal(new Set(seen).size, SENDS * EACH);
  assert.equal(seen.length, SENDS * EACH);
});

test('the proxy tells a careless producer from a careful one: without the queue, messages are lost', async (t) => {
  const { kafka, topic, broker, dropped } = await behindProxy(t);
  const client = new kafkajs.Kafka({
    brokers: [broker],
    clientId: 'careless',
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = client.producer({
    idempotent: true,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 50, retries: 100 },
  });
  t.after(() => producer.disconnect());
  await producer.connect();
  const acknowledged: string[] = [];
  await atOnce(SENDS, AT_ONCE, async (i) => {
    const messages = keysOf(i).map((key) => ({ key, value: key }));
    // Some are rejected at once while the connection is made anew: they are sent again, as a caller would.
    await until('the send is acknowledged', () =>
      producer.send({ topic, messages }).then(
        () => true,
        () => false,
      ),
    );
    acknowledged.push(...keysOf(i));
  });
  assert.ok(dropped() > 10, `${dropped()} answers lost`);
  const seen = new Set(await readAll(kafka, topic));
  assert.notDeepEqual(
    acknowledged.filter((key) => !seen.has(key)),
    [],
  );
});

test('sends queue in the order of the calls', async (t) => {
  const { kafka, topic } = await ownTopic(t);
  const producer = await kafka.producer();
  const places = await Promise.all(
    Array.from({ length: 20 }, (_, i) => producer.send([{ topic, key: 'k', value: Buffer.from(String(i)) }])),
  );
  assert.deepEqual(
    places.map(([place]) => place?.baseOffset),
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.deepEqual(await producer.send([]), []);
});

test('a send after close is a bug, and a broker that is not there is a sentence', async (t) => {
  const { kafka, topic } = await ownTopic(t);
  const producer = await kafka.producer();
  await producer.close();
  await assert.rejects(producer.send([{ topic, key: 'k', value: null }]), DriftwatchError);
  const nowhere = openKafka({ brokers: ['127.0.0.1:1'], clientId: 'nowhere', log: silentLog });
  await assert.rejects(nowhere.watermarks('any'), (error: unknown) => {
    assert.ok(error instanceof DriftwatchError);
    assert.equal(error.code, 'BROKER_UNREACHABLE');
    assert.match(error.message, /^Kafka did not say how long any is/);
    return true;
  });
  await nowhere.close();
});

test('a topic that exists is left alone, and one with another number of partitions is refused', async (t) => {
  const { kafka, topic } = await ownTopic(t);
  await kafka.createTopics([topicOf(topic, 1)]);
  await assert.rejects(kafka.createTopics([topicOf(topic, 3)]), (error: unknown) => {
    return error instanceof DriftwatchError && error.code === 'TOPIC_MISMATCH';
  });
});

function keysOf(i: number): string[] {
  return Array.from({ length: EACH }, (_, k) => `${i}/${k}`);
}

async function atOnce(n: number, width: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < n; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function readAll(kafka: Kafka, topic: string): Promise<string[]> {
  const seen: string[] = [];
  const follower = await kafka.follow({
    topic,
    async onMessage({ value }) {
      seen.push(String(value));
    },
  });
  await follower.caughtUp;
  await follower.close();
  return seen;
}

type Context = { after(clean: () => Promise<void>): void };

async function ownTopic(t: Context) {
  const kafka = openKafka({ brokers: stack().brokers, clientId: uniqueName('client'), log: silentLog });
  t.after(() => kafka.close());
  const topic = uniqueName('topic');
  await kafka.createTopics([topicOf(topic, 1)]);
  return { kafka, topic };
}

async function behindProxy(t: Context) {
  const { kafka, topic } = await ownTopic(t);
  const proxy = await startDropProxy({ broker: stack().brokers[0] ?? '', every: 3 });
  t.after(() => proxy.close());
  return { kafka, topic, broker: proxy.broker, dropped: proxy.dropped };
}

function topicOf(name: string, partitions: number): Topic {
  return {
    name,
    key: 'k',
    partitions,
    retentionMs: -1,
    cleanup: 'delete',
    subject: name,
    compatibility: 'NONE',
    doc: '',
  };
}
