import type { Kafka, Outgoing } from '../../src/io/kafka/port.ts';
import { startIngest } from '../ingest/ingest.ts';
import type { IngestArgs } from '../ingest/ports.ts';

/**
 * Takes topics in once more, from their first message to their last one of now, by the code that takes them in live,
 * into tables that were empty: what Kafka has, whatever became of the rows. Dead letters go into their table and not
 * onto their topic, where they are already. Messages that retention has deleted are missing.
 */
export async function ingestAgain(args: Omit<IngestArgs, 'onStored' | 'onStep'>): Promise<void> {
  const ingest = await startIngest({
    ...args,
    kafka: { ...args.kafka, producer: async () => SILENT },
    onStored: () => undefined,
  });
  try {
    await ingest.settled();
  } finally {
    await ingest.stop();
  }
}

const SILENT: Awaited<ReturnType<Kafka['producer']>> = {
  send: async (messages: readonly Outgoing[]) =>
    messages.map(({ topic }) => ({ topic, partition: 0, baseOffset: 0 })),
  close: async () => undefined,
};
