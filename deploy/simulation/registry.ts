import { readFileSync } from 'node:fs';
import type { IngestArgs } from '../../processors/ingest/ports.ts';
import { type AvroDefinition, parseDefinition } from '../../src/core/avro/definition.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Registry } from '../../src/io/registry/registry.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

/** One schema under some ids; answers late, now and then not at all. */
export function registryOf(args: {
  machine: Machine;
  world: World;
  known: readonly number[];
  definition: AvroDefinition;
}): Registry {
  const { machine, world, known, definition } = args;
  return {
    byId: (id) =>
      machine.ask('a schema', (answer: (found: Awaited<ReturnType<Registry['byId']>>) => void) => {
        if (world.strikes(0.1)) answer({ status: 'unreachable', id, why: 'No answer.' });
        else if (known.includes(id)) answer({ status: 'known', id, definition });
        else answer({ status: 'unknown', id, why: 'There is no such schema.' });
      }),
    idsOf: () => machine.ask('ids', (answer: (ids: readonly number[]) => void) => answer(known)),
    register: () => Promise.reject(new Error('not simulated')),
    latest: () => Promise.reject(new Error('not simulated')),
  };
}

export const CODEC: IngestArgs['deadLetterCodec'] = {
  schemaId: 1,
  definition: deadLetterDefinition(),
  encode: () => Buffer.alloc(8),
};

function deadLetterDefinition(): AvroDefinition {
  const text = readFileSync(new URL('../../schemas/avro/dead-letter.avsc', import.meta.url), 'utf8');
  const parsed = parseDefinition(text);
  if (parsed.status === 'ok') return parsed.definition;
  throw new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The schema of dead letters cannot be read: ${parsed.problems.join(' ')}`,
    next: 'Mend it.',
  });
}
