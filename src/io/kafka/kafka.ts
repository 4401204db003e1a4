import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicMetadata } from 'kafkajs';
import type { Topic } from '../../../topics/topic.ts';
import { DriftwatchError } from '../../errors.ts';
import type { Log } from '../../runtime/log.ts';
import { openConsumer } from './consumer.ts';
import { patchFetch } from './fetch-patch.ts';
import { openFollower } from './follow.ts';
import { CLIENT, PASSING } from './limits.ts';
import type { Kafka, Watermark } from './port.ts';
import { openProducer } from './producer.ts';
import { patchIdleTimer } from './timer-patch.ts';
import { unreachable } from './unreachable.ts';

/** Opens Kafka over kafkajs. Nothing is connected before it is used. Budgets are in limits.ts. */
export function openKafka(args: { brokers: readonly string[]; clientId: string; log: Log }): Kafka {
  patchIdleTimer();
  patchFetch();
  const log = args.log.child({ part: 'kafka' });
  const { Kafka: Client, logLevel } = kafkajs;
  const client = new Client({
    clientId: args.clientId,
    brokers: [...args.brokers],
    ...CLIENT,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _, logger: __, ...rest } = entry.log;
      const what = { ...rest, namespace: entry.namespace };
      if (HARMLESS.some((text) => message.includes(text))) log.debug(what, message);
      else if (entry.level === logLevel.ERROR) log.warn(what, message);
      else log.info(what, message);
    },
  });
  const admin = client.admin();
  const open = new Set<() => Promise<void>>();
  let connecting: Promise<void> | undefined;

  /** What a topic that was just created answers (no such partition, not its leader) passes by itself. */
  async function asAdmin<T>(what: string, call: () => Promise<T>): Promise<T> {
    const until = Date.now() + PASSING;
    for (;;) {
      try {
        connecting ??= admin.connect().catch((cause) => {
          connecting = undefined;
          throw cause;
        });
        await connecting;
        return await call();
      } catch (cause) {
        const passing = cause instanceof kafkajs.KafkaJSProtocolError && cause.retriable;
        if (!passing || Date.now() > until) throw unreachable(what, cause);
        await sleep(50);
      }
    }
  }

  /** Remembers how to close what was opened, and forgets it once it is closed. */
  function tracked<T extends { close(): Promise<void> }>(opened: T): T {
    const close = opened.close.bind(opened);
    const once = async () => {
      if (open.delete(once)) await close();
    };
    open.add(once);
    return { ...opened, close: once };
  }

  async function watermarks(topic: string): Promise<readonly Watermark[]> {
    const offsets = await asAdmin(`say how long ${topic} is`, () => admin.fetchTopicOffsets(topic));
    return offsets
      .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  return {
    producer: async (wanted) => tracked(await openProducer({ client, log, ...wanted })),
    consume: async (consume) => tracked(await openConsumer({ client, log, consume })),
    follow: async (follow) => {
      const { clientId } = args;
      await asAdmin('accept a connection', async () => undefined);
      return tracked(await openFollower({ client, clientId, admin, log, watermarks, follow }));
    },
    async createTopics(topics) {
      const before = await asAdmin('list its topics', () => admin.listTopics());
      const missing = topics.filter((topic) => !before.includes(topic.name));
      if (missing.length > 0) {
        await asAdmin(`create ${missing.map((topic) => topic.name).join(', ')}`, () =>
          admin.createTopics({ waitForLeaders: false, topics: missing.map(toConfig) }),
        );
      }
      const names = topics.map((topic) => topic.name);
      const found = await asAdmin('describe its topics', () => described(admin, names));
      for (const topic of topics) {
        const partitions = found.find((entry) => entry.name === topic.name)?.partitions.length ?? 0;
        if (partitions !== topic.partitions) throw mismatch(topic, partitions);
      }
    },
    watermarks,
    async close() {
      await Promise.all([...open].map((close) => close()));
      if (connecting !== undefined) await connecting.then(() => admin.disconnect()).catch(() => undefined);
      connecting = undefined;
    },
  };
}

/** Said by kafkajs in normal operation, or thrown as well: producer.ts and consumer.ts deal with them. */
const HARMLESS = [
  'Response ',
  'Limiting retries for the idempotent producer',
  'The group is rebalancing',
  'The coordinator is not aware of this member',
];

/** Metadata of topics once every partition has a leader, or as it is after waiting for that. */
async function described(admin: Admin, names: readonly string[]): Promise<readonly ITopicMetadata[]> {
  const until = Date.now() + PASSING;
  for (;;) {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
    const led = topics.every(
      ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
    );
    if (led || Date.now() > until) return topics;
    await sleep(50);
  }
}

function toConfig(topic: Topic) {
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    configEntries: [
      { name: 'cleanup.policy', value: topic.cleanup },
      { name: 'retention.ms', value: String(topic.retentionMs) },
    ],
  };
}

function mismatch(topic: Topic, partitions: number): DriftwatchError {
  return new DriftwatchError({
    code: 'TOPIC_MISMATCH',
    message: `Topic ${topic.name} has ${partitions} partitions where ${topic.partitions} were expected.`,
    next: 'Set the number in the configuration to what the topic has, or use another topic.',
  });
}
