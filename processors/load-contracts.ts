import type { Contract, Stream } from '../src/core/contract/contract.ts';
import { STREAMS } from '../src/core/contract/contract.ts';
import { parseContract } from '../src/core/contract/parse-contract.ts';
import { DriftwatchError } from '../src/errors.ts';
import type { Registry } from '../src/io/registry/registry.ts';
import { modelTopic } from '../topics/index.ts';

/**
 * The three contracts of a model, from the schemas registered under its subjects. Throws
 * CONTRACT_INVALID when one is missing or says something that driftwatch cannot use.
 */
export async function loadContracts(args: {
  registry: Pick<Registry, 'byId' | 'idsOf'>;
  model: string;
}): Promise<Readonly<Record<Stream, Contract>>> {
  const [training, serving, labels] = await Promise.all(
    STREAMS.map((stream) => loadContract({ ...args, stream })),
  );
  if (training === undefined || serving === undefined || labels === undefined) throw missing(args.model);
  return { training, serving, labels };
}

/**
 * The newest version under the subject that names roles: a producer may register a schema of its own there,
 * without our attributes, and that does not change what the model's records must look like.
 */
async function loadContract(args: {
  registry: Pick<Registry, 'byId' | 'idsOf'>;
  model: string;
  stream: Stream;
}): Promise<Contract> {
  const { registry, model, stream } = args;
  const { subject, name: topic } = modelTopic({ model, stream, partitions: 1 });
  let problems: readonly string[] = [];
  for (const id of (await registry.idsOf(subject)).toReversed()) {
    const schema = await registry.byId(id);
    if (schema.status === 'unreachable') throw unreachable(schema.why);
    if (schema.status === 'unknown') continue;
    const parsed = parseContract({ model, stream, topic, subject, definition: schema.definition });
    if (parsed.status === 'ok') return parsed.contract;
    if (problems.length === 0) problems = parsed.problems;
  }
  if (problems.length === 0) throw missing(subject);
  throw new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `No schema of ${subject} is a contract: ${problems.join('; ')}.`,
    next: 'Add what is missing to the Avro schema and register it again; deploy/demo/schemas has examples.',
  });
}

function unreachable(why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'REGISTRY_UNREACHABLE',
    message: why,
    next: 'Check SCHEMA_REGISTRY_URL and that the registry is up.',
  });
}

function missing(what: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `The registry has no schema for ${what}.`,
    next: 'Register the Avro schemas of the training, serving and labels topics under <topic>-value.',
  });
}
