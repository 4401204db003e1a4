import kafkajs, { type Kafka as Client, type Producer as ClientProducer, type RecordMetadata } from 'kafkajs';
import { DriftwatchError } from '../../errors.ts';
import type { Log } from '../../runtime/log.ts';
import { PRODUCER } from './limits.ts';
import type { Outgoing, Producer, Sent } from './port.ts';
import { unreachable } from './unreachable.ts';
import { within } from './within.ts';

/**
 * Opens a producer that has exactly one send under way; further sends wait in a queue.
 *
 * Idempotence is on, and safe only because of that queue. kafkajs takes back its sequence numbers when a
 * request fails and lets the next send have them: with sends side by side the broker then takes a
 * different message for a repetition, and acknowledged messages are lost (about one per dropped response
 * at eight side by side). One at a time, a dropped response is followed by the same messages under the same
 * numbers, and the broker drops the repetition: none lost, none twice. With idempotence off nothing would
 * be lost either, but every dropped response would leave its messages twice.
 *
 * The same flaw is why a producer that has rejected a send is thrown away: its next send would take the
 * numbers of messages that may already be in the log. A new producer has a new id and starts at zero.
 *
 * An exclusive producer has a transactional id, and each send is a transaction: opening the next producer of the
 * name makes the broker refuse this one's requests, also those under way, and ends its open transaction. Who reads
 * the topic after that has seen all that the earlier ones will ever have sent. It is not replaced after a
 * rejection: a new one that had not read would send what is there already.
 */
export async function openProducer(args: {
  client: Client;
  log: Log;
  exclusive?: string;
}): Promise<Producer> {
  const { client, log, exclusive } = args;
  let current: ClientProducer | undefined = await connect(client, exclusive);
  let spent = false;
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function sendNow(messages: readonly Outgoing[]): Promise<readonly Sent[]> {
    if (spent) throw spentError(exclusive);
    current ??= await connect(client, exclusive);
    const producer = current;
    const batch = { acks: -1, timeout: PRODUCER.ackTimeout, topicMessages: byTopic(messages) };
    try {
      if (exclusive === undefined) return (await producer.sendBatch(batch)).map(toSent);
      const transaction = await producer.transaction();
      const sent = await transaction.sendBatch(batch);
      await transaction.commit();
      return sent.map(toSent);
    } catch (cause) {
      current = undefined;
      spent = exclusive !== undefined;
      log.warn({ cause }, 'A send was rejected; its producer is replaced.');
      await producer.disconnect().catch(() => undefined);
      throw unreachable('take messages', cause);
    }
  }

  return {
    send(messages) {
      if (closed) return Promise.reject(closedError());
      if (messages.length === 0) return Promise.resolve([]);
      const turn = queue.then(() => sendNow(messages));
      queue = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      closed = true;
      await within(PRODUCER.close, queue);
      await within(PRODUCER.close, current?.disconnect() ?? Promise.resolve());
    },
  };
}

async function connect(client: Client, exclusive: string | undefined): Promise<ClientProducer> {
  const producer = client.producer({
    ...(exclusive === undefined
      ? {}
      : { transactionalId: exclusive, transactionTimeout: PRODUCER.transaction }),
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: PRODUCER.retry,
  });
  try {
    await producer.connect();
    // The id is taken with the first transaction, and the earlier producers are shut out by that.
    if (exclusive !== undefined) await (await producer.transaction()).abort();
    return producer;
  } catch (cause) {
    await producer.disconnect().catch(() => undefined);
    throw unreachable('accept a producer', cause);
  }
}

function byTopic(messages: readonly Outgoing[]) {
  const topics = new Map<string, Outgoing[]>();
  for (const message of messages) {
    const list = topics.get(message.topic);
    if (list === undefined) topics.set(message.topic, [message]);
    else list.push(message);
  }
  return [...topics].map(([topic, list]) => ({
    topic,
    messages: list.map((message) => ({
      key: message.key,
      value: message.value,
      ...(message.headers === undefined ? {} : { headers: { ...message.headers } }),
      ...(message.partition === undefined ? {} : { partition: message.partition }),
    })),
  }));
}

function toSent(metadata: RecordMetadata): Sent {
  return {
    topic: metadata.topicName,
    partition: metadata.partition,
    baseOffset: Number(metadata.baseOffset ?? metadata.offset ?? -1),
  };
}

function spentError(exclusive: string | undefined): DriftwatchError {
  return new DriftwatchError({
    code: 'BROKER_UNREACHABLE',
    message: `The exclusive producer ${exclusive ?? ''} is done for: a send of its was rejected.`,
    next: 'Open the next one, read the topic, and send what is not there.',
  });
}

function closedError(): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: 'A message was sent on a producer that is closed.',
    next: 'Close producers after the last processor has stopped.',
  });
}
