import { DriftwatchError } from '../../errors.ts';

/** Readers of one field of a decoded record, used by the generated decoders. All throw RECORD_INVALID. */
type Fields = Readonly<Record<string, unknown>>;

export function readText(fields: Fields, name: string): string {
  return read(fields, name, 'a text', isText);
}
export function readOptionalText(fields: Fields, name: string): string | null {
  return optional(fields, name, readText);
}
export function readTextList(fields: Fields, name: string): readonly string[] {
  return read(fields, name, 'a list of texts', (value): value is string[] => isListOf(value, isText));
}

export function readTruth(fields: Fields, name: string): boolean {
  return read(fields, name, 'true or false', (value) => typeof value === 'boolean');
}
export function readOptionalTruth(fields: Fields, name: string): boolean | null {
  return optional(fields, name, readTruth);
}

/** A whole number within 2^53: beyond it a double no longer holds every one. */
export function readWhole(fields: Fields, name: string): number {
  return read(fields, name, 'a whole number', isWhole);
}
export function readOptionalWhole(fields: Fields, name: string): number | null {
  return optional(fields, name, readWhole);
}
export function readWholeList(fields: Fields, name: string): readonly number[] {
  return read(fields, name, 'a list of whole numbers', (value): value is number[] =>
    isListOf(value, isWhole),
  );
}

/** Any double, NaN and the infinities included. */
export function readNumber(fields: Fields, name: string): number {
  return read(fields, name, 'a number', isNumber);
}
export function readOptionalNumber(fields: Fields, name: string): number | null {
  return optional(fields, name, readNumber);
}
export function readNumberList(fields: Fields, name: string): readonly number[] {
  return read(fields, name, 'a list of numbers', (value): value is number[] => isListOf(value, isNumber));
}

export function readBytes(fields: Fields, name: string): Uint8Array {
  return read(fields, name, 'bytes', (value) => value instanceof Uint8Array);
}
export function readOptionalBytes(fields: Fields, name: string): Uint8Array | null {
  return optional(fields, name, readBytes);
}

function read<T>(fields: Fields, name: string, expected: string, fits: (value: unknown) => value is T): T {
  const value = fields[name];
  if (fits(value)) return value;
  throw new DriftwatchError({
    code: 'RECORD_INVALID',
    message: `Field "${name}" of a record should be ${expected}, received ${shown(value)}.`,
    next: 'The record was written with another schema; compare it with the one in schemas/avro.',
  });
}

function optional<T>(fields: Fields, name: string, reader: (fields: Fields, name: string) => T): T | null {
  return fields[name] === null ? null : reader(fields, name);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}
function shown(value: unknown): string {
  return value === undefined ? 'nothing' : `${typeof value} ${String(value).slice(0, 60)}`;
}
