import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKafka } from '../../../src/io/kafka/kafka.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { startDropProxy } from '../../fixtures/drop-proxy.ts';
import { stack, uniqueName } from '../../fixtures/stack.ts';
import { until } from '../../fixtures/until.ts';

test('a consumer goes on by itself when its broker comes back, and closes although it is gone', async (t) => {
  const broker = stack().brokers[0] ?? '';
  const proxy = await startDropProxy({ broker, every: Number.POSITIVE_INFINITY });
  const { kafka, topic } = await ownTopic(t, proxy.broker);
  const direct = openKafka({ brokers: [broker], clientId: uniqueName('direct'), log: silentLog });
  t.after(() => direct.close());
  const producer = await direct.producer();
  const offsets: number[] = [];
  const consumer = await kafka.consume({
    groupId: uniqueName('group'),
    topics: [topic],
    fromBeginning: true,
    async onBatch({ messages, nextOffset }, control) {
      offsets.push(...messages.map((message) => message.offset));
      control.commit(nextOffset);
    },
  });
  await producer.send([{ topic, key: 'k', value: null }]);
  await until('the first message is read', () => offsets.length === 1);
  await proxy.close();
  await producer.send([{ topic, key: 'k', value: null }]);
  const port = Number(proxy.broker.split(':')[1]);
  const back = await startDropProxy({ broker, every: Number.POSITIVE_INFINITY, port });
  await until('the second message is read', () => offsets.includes(1), 60_000);
  await back.close();
  await consumer.close();
  assert.deepEqual(consumer.progress(), []);
});

async function ownTopic(t: { after(clean: () => Promise<void>): void }, broker: string) {
  const kafka = openKafka({ brokers: [broker], clientId: uniqueName('client'), log: silentLog });
  t.after(() => kafka.close());
  const topic = uniqueName('topic');
  await kafka.createTopics([
    {
      name: topic,
      key: 'k',
      partitions: 1,
      retentionMs: -1,
      cleanup: 'delete',
      subject: topic,
      compatibility: 'NONE',
      doc: '',
    },
  ]);
  return { kafka, topic };
}
