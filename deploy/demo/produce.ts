import { PRODUCER_VERSION } from '../../src/core/contract/producer-version.ts';
import type { Producer } from '../../src/io/kafka/port.ts';
import type { DemoPorts, Registered } from './ports.ts';

/** Encodes and sends records of one producer, which says its version, keyed by flight, in order. Returns how many were acknowledged. */
export async function produce(args: {
  ports: DemoPorts;
  producer: Producer;
  topic: string;
  schema: Registered;
  /** Name and version of the program. */
  version: string;
  records: readonly Record<string, unknown>[];
}): Promise<number> {
  const { ports, producer, topic, schema, records } = args;
  for (let at = 0; at < records.length; at += CHUNK) {
    ports.signal.throwIfAborted();
    const messages = records.slice(at, at + CHUNK).map((record) => ({
      topic,
      key: String(record['flight_id']),
      value: ports.codec.encode(schema.schemaId, schema.definition, record),
      headers: { [PRODUCER_VERSION]: args.version },
    }));
    await producer.send(messages);
  }
  return records.length;
}

/** Records per send: a few hundred kilobytes. */
const CHUNK = 2_000;
