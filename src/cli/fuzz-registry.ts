import { type AvroDefinition, parseDefinition } from '../core/avro/definition.ts';
import { EXAMPLE_SCHEMA } from '../core/evaluation/hostile/example.ts';
import { EXAMPLE_ID, FOREIGN_ID, REFUSED_ID } from '../core/evaluation/hostile/hostile.ts';
import { DriftwatchError } from '../errors.ts';
import type { Registry } from '../io/registry/registry.ts';

/**
 * A registry in memory that answers at once: what ingest's schema judge asks, with texts read the way the
 * real one reads them.
 */
export interface HostileRegistry extends Registry {
  /** Holds a text under a new id of the subject, and forgets the one before. */
  hold(text: string): number;
}

export function hostileRegistry(): HostileRegistry {
  const known = new Map<number, AvroDefinition>([
    [EXAMPLE_ID, EXAMPLE_SCHEMA],
    [FOREIGN_ID, EXAMPLE_SCHEMA],
    [REFUSED_ID, { type: 'record', name: 'Other', fields: [{ name: 'id', type: 'int' }] }],
  ]);
  let newest = { id: 20, text: '' };
  return {
    hold(text) {
      newest = { id: newest.id + 1, text };
      return newest.id;
    },
    async byId(id) {
      const definition = known.get(id);
      if (definition !== undefined) return { status: 'known', id, definition };
      if (id !== newest.id) return { status: 'unknown', id, why: 'There is no such schema.' };
      const parsed = parseDefinition(newest.text);
      if (parsed.status === 'ok') return { status: 'known', id, definition: parsed.definition };
      return { status: 'unknown', id, why: parsed.problems.join(' ') };
    },
    idsOf: async () => [EXAMPLE_ID, REFUSED_ID, newest.id],
    register: () => Promise.reject(notHere()),
    latest: () => Promise.reject(notHere()),
  };
}

function notHere(): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: 'The registry of hostile schemas was asked what ingest never asks.',
    next: 'Answer it here as well.',
  });
}
