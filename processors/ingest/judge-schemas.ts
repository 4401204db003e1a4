import { compileWalker } from '../../src/core/avro/walker.ts';
import { judgeWriterSchema } from '../../src/core/contract/judge-writer-schema.ts';
import { PREFIX_COLUMNS } from '../../src/core/contract/raw-table.ts';
import { DriftwatchError, sentence } from '../../src/errors.ts';
import type { Registry } from '../../src/io/registry/registry.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { SchemaVerdict } from './classify.ts';
import type { Source } from './ports.ts';
import { containerOf, type WriterSchema } from './writer-schema.ts';

/** Judges the writer schemas of one topic, each once. */
export interface SchemaJudge {
  /**
   * Verdicts on the ids. One whose answer the registry owes is in `owed` with the reason: no verdict can be
   * given, the messages must wait.
   */
  judge(ids: Iterable<number>): Promise<Judgement>;
  /** What is known of an id that has been judged; undefined for one that the registry does not know. */
  schema(schemaId: number): WriterSchema | undefined;
}

export interface Judgement {
  readonly verdicts: ReadonlyMap<number, SchemaVerdict>;
  readonly owed: ReadonlyMap<number, string>;
}

/**
 * A schema is usable on a topic when the contract accepts it and it is registered under the topic's own
 * subject: a producer that registers under a subject of its own has passed by the compatibility check, and
 * what it writes is not what this topic holds. A usable schema stays so; an id that is unknown or foreign is
 * asked for again, because somebody may register it.
 */
export function createSchemaJudge(args: { registry: Registry; source: Source; clock: Clock }): SchemaJudge {
  const { registry, source, clock } = args;
  const { contract } = source;
  const schemas = new Map<number, WriterSchema>();
  const foreigners = new Set<number>();
  const verdicts = new Map<number, { verdict: SchemaVerdict; untilMs: number }>();

  async function one(schemaId: number): Promise<SchemaVerdict | { status: 'owed'; why: string }> {
    const cached = verdicts.get(schemaId);
    if (cached !== undefined && clock.now() < cached.untilMs) return cached.verdict;
    const found = await registry.byId(schemaId);
    if (found.status === 'unreachable') return { status: 'owed', why: found.why };
    if (found.status === 'unknown') {
      return remember(schemaId, FOR_A_WHILE_MS, {
        status: 'refused',
        reason: 'unknown-schema',
        detail: `The registry knows no schema with id ${schemaId}.`,
      });
    }
    const schema = schemas.get(schemaId) ?? judgeSchema(schemaId, found.definition, contract);
    schemas.set(schemaId, schema);
    let own: readonly number[];
    try {
      own = await registry.idsOf(contract.subject);
    } catch (error) {
      return { status: 'owed', why: sentence(error) };
    }
    if (!own.includes(schemaId)) {
      foreigners.add(schemaId);
      return remember(schemaId, FOR_A_WHILE_MS, {
        status: 'refused',
        reason: 'foreign-schema',
        detail: `Schema ${schemaId} is not registered under ${contract.subject}.`,
      });
    }
    foreigners.delete(schemaId);
    if (!schema.accepted || schema.walker === undefined) {
      return remember(schemaId, Number.POSITIVE_INFINITY, {
        status: 'refused',
        reason: 'contract',
        detail: schema.findings.map((finding) => finding.detail).join(' ') || 'The schema cannot be stored.',
      });
    }
    return remember(schemaId, Number.POSITIVE_INFINITY, { status: 'usable', walker: schema.walker });
  }

  function remember(schemaId: number, ms: number, verdict: SchemaVerdict): SchemaVerdict {
    // Hostile ids must not grow the map without end; the good ones are few and come back at once.
    if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
    verdicts.set(schemaId, { verdict, untilMs: clock.now() + ms });
    return verdict;
  }

  return {
    async judge(ids) {
      const waiting = [...new Set(ids)];
      const found = new Map<number, SchemaVerdict>();
      const owed = new Map<number, string>();
      const workers = Array.from({ length: Math.min(AT_ONCE, waiting.length) }, async () => {
        for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
          const answer = await one(id);
          if (answer.status === 'owed') owed.set(id, answer.why);
          else found.set(id, answer);
        }
      });
      await Promise.all(workers);
      return { verdicts: found, owed };
    },
    schema(schemaId) {
      const schema = schemas.get(schemaId);
      return schema !== undefined && foreigners.has(schemaId) ? foreign(schema, contract.subject) : schema;
    },
  };
}

const FOR_A_WHILE_MS = 10_000;
const MOST_VERDICTS = 50_000;
const AT_ONCE = 8;

function judgeSchema(
  schemaId: number,
  definition: WriterSchema['definition'],
  contract: Source['contract'],
): WriterSchema {
  const judged = judgeWriterSchema(contract, definition);
  const container = judged.accepted ? containerOf(definition, schemaId) : undefined;
  return {
    schemaId,
    accepted: container !== undefined,
    findings: judged.findings,
    definition,
    walker: walkerOf(definition),
    container,
    columns: [...PREFIX_COLUMNS, ...judged.columns],
  };
}

/** A schema that nothing can be read with, such as a record that contains itself, has no walker. */
function walkerOf(definition: WriterSchema['definition']): WriterSchema['walker'] {
  try {
    return compileWalker(definition);
  } catch (error) {
    if (error instanceof DriftwatchError) return undefined;
    throw error;
  }
}

/** Refused for where it is registered; the findings say what it would have done. */
function foreign(schema: WriterSchema, subject: string): WriterSchema {
  if (!schema.accepted && schema.findings.length > 0) return schema;
  return {
    ...schema,
    accepted: false,
    findings:
      schema.findings.length > 0
        ? schema.findings
        : [{ class: 'FOREIGN_SCHEMA', field: '', detail: `It is not registered under ${subject}.` }],
  };
}
