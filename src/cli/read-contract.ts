import { readFileSync } from 'node:fs';
import { type AvroDefinition, parseDefinition } from '../core/avro/definition.ts';
import { type Contract, STREAMS } from '../core/contract/contract.ts';
import { parseContract } from '../core/contract/parse-contract.ts';
import { DriftwatchError } from '../errors.ts';
import type { Registry } from '../io/registry/registry.ts';

/** A contract, and the schema that it was read from. */
export interface ReadContract {
  readonly contract: Contract;
  readonly definition: AvroDefinition;
}

/** The contract of a file, or without one the newest schema of the subject that is one. Throws CONTRACT_INVALID. */
export async function readContract(args: {
  subject: string;
  contract?: string;
  registry: Registry;
}): Promise<ReadContract> {
  const { subject, contract: file, registry } = args;
  return file === undefined
    ? registeredContract(registry, subject)
    : contractOf(readSchema(file), subject, file);
}

/** The contract that a schema under a subject is; `file` names it in the message. Throws CONTRACT_INVALID. */
export function contractOf(definition: AvroDefinition, subject: string, file: string): ReadContract {
  const parsed = parseContract({ ...partsOf(subject), subject, definition });
  if (parsed.status === 'ok') return { contract: parsed.contract, definition };
  throw contractInvalid(
    `${file} is not a contract: ${parsed.problems.join('; ')}.`,
    'README.md says what a contract has; deploy/demo/schemas has examples.',
  );
}

/** An Avro schema from a file. Throws FILE_INVALID and CONTRACT_INVALID. */
export function readSchema(file: string): AvroDefinition {
  const parsed = parseDefinition(readText(file));
  if (parsed.status === 'ok') return parsed.definition;
  throw contractInvalid(`${file} is not an Avro schema: ${parsed.problems.join('; ')}.`, 'Mend the file.');
}

/** A schema by its id in the registry. Throws CONTRACT_INVALID. */
export async function schemaById(registry: Registry, id: number): Promise<AvroDefinition> {
  const found = await registry.byId(id);
  if (found.status === 'known') return found.definition;
  throw contractInvalid(
    `The registry has no schema ${id}: ${found.why}.`,
    'Check the id and SCHEMA_REGISTRY_URL.',
  );
}

/** A text file. Throws FILE_INVALID. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_INVALID',
      message: `${file} cannot be read.`,
      next: 'Check the path.',
      cause,
    });
  }
}

export function contractInvalid(message: string, next: string): DriftwatchError {
  return new DriftwatchError({ code: 'CONTRACT_INVALID', message, next });
}

async function registeredContract(registry: Registry, subject: string): Promise<ReadContract> {
  for (const id of (await registry.idsOf(subject)).toReversed()) {
    const found = await registry.byId(id);
    if (found.status !== 'known') continue;
    const parsed = parseContract({ ...partsOf(subject), subject, definition: found.definition });
    if (parsed.status === 'ok') return { contract: parsed.contract, definition: found.definition };
  }
  throw contractInvalid(
    `The registry has no contract under ${subject}.`,
    'Give the contract with --contract FILE.',
  );
}

/** Model, stream and topic of `serving.flights-value`. */
function partsOf(subject: string): Pick<Contract, 'model' | 'stream' | 'topic'> {
  const [, name, model] = /^([a-z]+)\.(\w+)-value$/.exec(subject) ?? [];
  const stream = STREAMS.find((one) => one === name);
  if (stream !== undefined && model !== undefined) return { model, stream, topic: `${stream}.${model}` };
  throw contractInvalid(
    `${subject} is no subject of a contract.`,
    'Subjects are training.<model>-value, serving.<model>-value and labels.<model>-value.',
  );
}
