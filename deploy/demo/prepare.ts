import { readFileSync } from 'node:fs';
import { type AvroDefinition, parseDefinition } from '../../src/core/avro/definition.ts';
import { STREAMS } from '../../src/core/contract/contract.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Kafka } from '../../src/io/kafka/port.ts';
import type { Registry } from '../../src/io/registry/registry.ts';
import { modelTopic } from '../../topics/index.ts';
import { MODEL, type Registered } from './ports.ts';

/** Makes the topics of the demo model and registers its contracts: what adding a model takes. */
export async function prepareDemo(args: { kafka: Kafka; registry: Registry; partitions: number }): Promise<{
  training: Registered;
  serving: Registered;
  labels: Registered;
}> {
  const { kafka, registry, partitions } = args;
  await kafka.createTopics(STREAMS.map((stream) => modelTopic({ model: MODEL, stream, partitions })));
  const register = async (stream: 'training' | 'serving' | 'labels'): Promise<Registered> => {
    const topic = modelTopic({ model: MODEL, stream, partitions });
    const definition = contractFile(`${topic.name}.avsc`);
    const { subject, compatibility } = topic;
    return { definition, schemaId: await registry.register({ subject, definition, compatibility }) };
  };
  return {
    training: await register('training'),
    serving: await register('serving'),
    labels: await register('labels'),
  };
}

function contractFile(name: string): AvroDefinition {
  const parsed = parseDefinition(readFileSync(new URL(`schemas/${name}`, import.meta.url), 'utf8'));
  if (parsed.status === 'ok') return parsed.definition;
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `deploy/demo/schemas/${name} is not an Avro schema: ${parsed.problems.join('; ')}.`,
    next: 'Restore the file.',
  });
}
