import avro from 'avsc';
import type { AvroDefinition } from '../core/avro/definition.ts';
import { isExactly } from '../core/evaluation/hostile/exact-value.ts';

/** The second opinion on a message: its frame, a plain reader of the specification, and avsc behind it. */
export interface Reader {
  verdict(value: Uint8Array | null): 'row' | 'dead-letter' | 'tombstone' | 'undecided';
}

/** `undecided` when the two readers disagree, which no message may cause. */
export function openReader(definition: AvroDefinition, schemaId: number): Reader {
  const type = avro.Type.forSchema(JSON.parse(JSON.stringify(definition)), { wrapUnions: false });
  return {
    verdict(value) {
      if (value === null) return 'tombstone';
      const framed = value.length >= 5 && value[0] === 0;
      const id = framed ? new DataView(value.buffer, value.byteOffset).getUint32(1) : undefined;
      if (id !== schemaId) return 'dead-letter';
      const body = value.slice(5);
      if (!isExactly(definition, body)) return 'dead-letter';
      // Only now is it safe to ask: avsc believes block counts.
      return agrees(type, Buffer.from(body)) ? 'row' : 'undecided';
    },
  };
}

function agrees(type: avro.Type, bytes: Buffer): boolean {
  try {
    return type.decode(bytes).offset === bytes.length;
  } catch {
    return false;
  }
}
