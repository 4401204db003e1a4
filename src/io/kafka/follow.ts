import { randomUUID } from 'node:crypto';
import type { Admin, Kafka as Client } from 'kafkajs';
import type { Log } from '../../runtime/log.ts';
import { openConsumer } from './consumer.ts';
import type { FollowArgs, Follower, Watermark } from './port.ts';

/**
 * Follows a small topic from its beginning. kafkajs reads only as a member of a group, so this takes a group
 * of its own with a random name, commits nothing in it, and deletes it at the end.
 */
export async function openFollower(args: {
  client: Client;
  clientId: string;
  admin: Admin;
  log: Log;
  watermarks(topic: string): Promise<readonly Watermark[]>;
  follow: FollowArgs;
}): Promise<Follower> {
  const { follow, admin, log } = args;
  const groupId = `${args.clientId}-follow-${follow.topic}-${randomUUID()}`;
  const caughtUp = Promise.withResolvers<void>();
  const marks = await args.watermarks(follow.topic);
  const next = new Map(marks.map((mark) => [mark.partition, follow.from?.get(mark.partition) ?? mark.low]));
  const missing = new Map(marks.map((mark) => [mark.partition, mark.high]));
  let turn: Promise<unknown> = Promise.resolve();

  function reached(partition: number, nextOffset: number): void {
    const high = missing.get(partition);
    if (high !== undefined && nextOffset >= high) missing.delete(partition);
    if (missing.size === 0) caughtUp.resolve();
  }
  for (const [partition, offset] of next) reached(partition, offset);
  if (marks.length === 0) caughtUp.resolve();

  const consumer = await openConsumer({
    client: args.client,
    log,
    consume: {
      groupId,
      topics: [follow.topic],
      fromBeginning: true,
      async onAssigned({ partition }) {
        // After a rejoin it goes on where it was.
        return next.get(partition) ?? 0;
      },
      onBatch(batch, { signal }) {
        // One message at a time over all partitions, in the order of arrival.
        const mine = turn.then(async () => {
          for (const message of batch.messages) {
            if (signal.aborted) return;
            if (message.offset < (next.get(message.partition) ?? 0)) continue;
            const { partition, offset, unreadable } = message;
            if (unreadable === undefined) await follow.onMessage(message);
            else log.error({ topic: follow.topic, partition, offset }, unreadable);
            next.set(message.partition, message.offset + 1);
          }
          reached(batch.partition, batch.nextOffset);
        });
        turn = mine.catch(() => undefined);
        return mine;
      },
    },
  });

  return {
    caughtUp: caughtUp.promise,
    async close() {
      await consumer.close();
      await admin.deleteGroups([groupId]).catch((cause) => {
        log.debug({ cause, groupId }, 'A follower group was left behind; the broker expires it.');
      });
    },
  };
}
