import avro from 'avsc';
import type { AvroDefinition } from '../../core/avro/definition.ts';
import { FRAME_LENGTH, frame, parseFrame } from '../../core/avro/frame.ts';
import { type AvroNode, resolveDefinition } from '../../core/avro/resolve.ts';
import { compileWalker, measureExactly, type Walker } from '../../core/avro/walker.ts';
import { DriftwatchError } from '../../errors.ts';
import type { Registry } from './registry.ts';

/** Confluent wire format for the records that driftwatch itself writes and reads. */
export interface Codec {
  /**
   * Frames and encodes one record; pass the same definition object each time, it is compiled once. Timestamps are milliseconds, unions are bare values, bytes are
   * Buffers. Throws RECORD_INVALID naming the field that does not fit; longs must be safe integers.
   */
  encode(schemaId: number, definition: AvroDefinition, value: Readonly<Record<string, unknown>>): Buffer;
  /**
   * Decodes by the writer's schema into plain objects. Throws RECORD_INVALID for bytes that are not
   * such a record or hold a long beyond 2^53 - 1, REGISTRY_UNREACHABLE when the schema cannot be asked for.
   */
  decode(payload: Uint8Array): Promise<Record<string, unknown>>;
}

/** Most compiled schemas held; the oldest go first. */
const MAX_COMPILED = 1_000;

/**
 * Opens a codec on a registry. Every payload is measured by the walker first: avsc believes block
 * counts, and eight bytes can then end the process.
 */
export function openCodec(args: { readonly registry: Pick<Registry, 'byId'> }): Codec {
  const compiled = new Map<AvroDefinition, Compiled>();
  const compiledFor = (definition: AvroDefinition): Compiled => {
    const found = compiled.get(definition);
    if (found !== undefined) return found;
    const made = compile(definition);
    const [oldest] = compiled.keys();
    if (compiled.size >= MAX_COMPILED && oldest !== undefined) compiled.delete(oldest);
    compiled.set(definition, made);
    return made;
  };
  return {
    encode(schemaId, definition, value) {
      const { type } = compiledFor(definition);
      try {
        return Buffer.from(frame(schemaId, type.toBuffer(value)).buffer);
      } catch (cause) {
        throw invalid(`The record does not fit its schema: ${misfits(type, value, cause)}.`, cause);
      }
    },
    async decode(payload) {
      const framed = parseFrame(payload);
      if (framed.status === 'bad') throw invalid(`The value is no framed record: ${framed.detail}`);
      const schema = await args.registry.byId(framed.schemaId);
      if (schema.status === 'unknown')
        throw invalid(`The registry does not know the schema ${schema.id}: ${schema.why}`);
      if (schema.status === 'unreachable') {
        throw new DriftwatchError({
          code: 'REGISTRY_UNREACHABLE',
          message: schema.why,
          next: 'Check SCHEMA_REGISTRY_URL and that the registry is up.',
        });
      }
      return read(compiledFor(schema.definition), payload, schema.id);
    },
  };
}

interface Compiled {
  readonly type: avro.Type;
  readonly walker: Walker;
  readonly hasMaps: boolean;
}

function compile(definition: AvroDefinition): Compiled {
  try {
    return {
      // A copy, because avsc's own type of a schema is narrower and not readonly.
      type: avro.Type.forSchema(JSON.parse(JSON.stringify(definition)), { wrapUnions: 'never' }),
      walker: compileWalker(definition),
      hasMaps: hasMaps(resolveDefinition(definition), new Set()),
    };
  } catch (cause) {
    throw invalid(
      `The schema cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
      cause,
    );
  }
}

function read(
  { type, walker, hasMaps: maps }: Compiled,
  payload: Uint8Array,
  schemaId: number,
): Record<string, unknown> {
  const measured = measureExactly(walker, payload, FRAME_LENGTH);
  if (measured.status === 'bad')
    throw invalid(`The value is no record of schema ${schemaId} (${measured.reason}): ${measured.detail}`);
  const body = Buffer.from(payload.buffer, payload.byteOffset + FRAME_LENGTH, payload.length - FRAME_LENGTH);
  // avsc would make the entry the object's prototype.
  if (maps && body.includes('__proto__')) throw invalid('A map of the record has the key "__proto__".');
  let value: unknown;
  try {
    value = type.fromBuffer(body);
  } catch (cause) {
    throw invalid(`The value is no record of schema ${schemaId}: ${String(cause)}.`, cause);
  }
  if (isRecord(value)) return plainRecord(value);
  throw invalid(`The schema ${schemaId} is not that of a record.`);
}

/** Copies avsc's generated classes into plain objects and buffers out of the message they lie in. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return Buffer.from(value);
  return isRecord(value) ? plainRecord(value) : value;
}

function plainRecord(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function hasMaps(node: AvroNode, seen: Set<AvroNode>): boolean {
  if (seen.has(node)) return false;
  seen.add(node);
  switch (node.kind) {
    case 'map':
      return true;
    case 'array':
      return hasMaps(node.items, seen);
    case 'union':
      return node.branches.some((branch) => hasMaps(branch, seen));
    case 'record':
      return node.fields.some((field) => hasMaps(field.node, seen));
    default:
      return false;
  }
}

/** Names the fields that do not fit, with what they hold. */
function misfits(type: avro.Type, value: unknown, cause: unknown): string {
  const found: string[] = [];
  type.isValid(value, {
    errorHook: (path, held, expected) => {
      found.push(`"${path.join('.')}" holds ${shown(held)}, expected ${expected.toString().slice(0, 80)}`);
    },
  });
  if (found.length > 0) return found.slice(0, 5).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function shown(value: unknown): string {
  return value === undefined
    ? 'nothing'
    : typeof value === 'object'
      ? typeof value
      : String(value).slice(0, 60);
}

function invalid(message: string, cause?: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'RECORD_INVALID',
    message,
    next: 'Compare the record with its schema in the registry; a foreign record on a system topic is a producer at the wrong address.',
    cause,
  });
}
