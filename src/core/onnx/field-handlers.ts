import { type Field, unpackVarints } from './read-wire.ts';

/** What happens to a field of a known message; false when its wire type or content is not what it should be. */
export type Handler = (field: Field) => boolean;
/** Fields that a message may have, by number. */
export type Handlers = Readonly<Record<number, Handler>>;

/** One integer. */
export function number(take?: (value: bigint) => void): Handler {
  return (field) => {
    if (field.wire !== 'varint') return false;
    take?.(field.value);
    return true;
  };
}

/** Repeated integers, one by one or packed. */
export function numbers(take?: (value: bigint) => void): Handler {
  return (field) => {
    if (field.wire === 'varint') {
      take?.(field.value);
      return true;
    }
    const values = field.wire === 'bytes' ? unpackVarints(field.bytes) : undefined;
    if (values === undefined) return false;
    for (const value of values) take?.(value);
    return true;
  };
}

/** One float. */
export function float32(): Handler {
  return (field) => field.wire === 'fixed32';
}

/** Repeated floats, one by one or packed; `take` gets how many. */
export function float32s(take?: (values: number) => void): Handler {
  return (field) => {
    if (field.wire === 'varint' || field.wire === 'fixed64' || field.bytes.length % 4 !== 0) return false;
    take?.(field.bytes.length / 4);
    return true;
  };
}

/** Repeated doubles, one by one or packed; `take` gets how many. */
export function float64s(take?: (values: number) => void): Handler {
  return (field) => {
    if (field.wire === 'varint' || field.wire === 'fixed32' || field.bytes.length % 8 !== 0) return false;
    take?.(field.bytes.length / 8);
    return true;
  };
}

/** Bytes: text of any kind, raw data, or a nested message. */
export function bytes(take?: (value: Uint8Array) => unknown): Handler {
  return (field) => {
    if (field.wire !== 'bytes') return false;
    take?.(field.bytes);
    return true;
  };
}

/** Text that must be UTF-8. */
export function text(take?: (value: string) => void): Handler {
  return (field) => {
    if (field.wire !== 'bytes') return false;
    const value = decoded(field.bytes);
    if (value !== undefined) take?.(value);
    return value !== undefined;
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decoded(value: Uint8Array): string | undefined {
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}
