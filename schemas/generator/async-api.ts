import type { AvroRecord } from '../../src/core/avro/definition.ts';
import { FOREVER, type Topic } from '../../topics/topic.ts';
import { formatted } from './formatted.ts';

/**
 * AsyncAPI 3.1.0 document of the topics that driftwatch writes, for people and tools outside. Each
 * channel's message is the record of the same name in schemas/avro, inlined.
 */
export function asyncApi(args: {
  readonly topics: readonly Topic[];
  readonly records: readonly { readonly file: string; readonly record: AvroRecord }[];
  readonly version: string;
}): string {
  const topics = args.topics.map((topic) => ({ topic, record: recordOf(topic, args.records) }));
  const document = {
    asyncapi: '3.1.0',
    info: {
      title: 'driftwatch',
      version: args.version,
      description:
        'Records that driftwatch publishes on Kafka: Avro in the Confluent wire format (a zero byte, the schema id as four bytes, the body). Consumers dedupe on the header ce_id.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/vnd.apache.avro',
    channels: Object.fromEntries(topics.map(({ topic, record }) => [topic.name, channel(topic, record)])),
    operations: Object.fromEntries(
      topics.map(({ topic, record }) => [
        `send-${topic.name}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${topic.name}` },
          messages: [{ $ref: `#/channels/${topic.name}/messages/${record.name}` }],
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(topics.map(({ topic, record }) => [record.name, message(topic, record)])),
    },
  };
  return `${formatted(document)}\n`;
}

function channel(topic: Topic, record: AvroRecord): unknown {
  return {
    address: topic.name,
    description: `${topic.doc}. Key: ${topic.key}.`,
    messages: { [record.name]: { $ref: `#/components/messages/${record.name}` } },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: {
          'cleanup.policy': [topic.cleanup],
          'retention.ms': topic.retentionMs === FOREVER ? -1 : topic.retentionMs,
        },
        bindingVersion: '0.5.0',
      },
    },
  };
}

function message(topic: Topic, record: AvroRecord): unknown {
  return {
    name: record.name,
    summary: String(record['doc'] ?? record.name),
    contentType: 'application/vnd.apache.avro',
    bindings: {
      kafka: {
        key: { type: 'string', description: topic.key },
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        schemaLookupStrategy: 'TopicIdStrategy',
        bindingVersion: '0.5.0',
      },
    },
    'x-registry-subject': topic.subject,
    'x-registry-compatibility': topic.compatibility,
    payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: record },
  };
}

/** `dead-letters` carries the record of dead-letter.avsc. */
function recordOf(
  topic: Topic,
  records: readonly { readonly file: string; readonly record: AvroRecord }[],
): AvroRecord {
  const file = `${topic.name.replace(/s$/, '')}.avsc`;
  const found = records.find((one) => one.file === file);
  if (found === undefined) throw new Error(`The topic ${topic.name} has no record schemas/avro/${file}.`);
  return found.record;
}
