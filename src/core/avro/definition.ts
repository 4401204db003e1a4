import { fullName } from './names.ts';

/**
 * An Avro schema as parsed JSON, attributes of others (ours among them) kept as they are.
 * A text is a primitive or the name of a type defined before; a list is a union.
 */
export type AvroDefinition = string | readonly AvroDefinition[] | AvroObject;
export type AvroObject = AvroRecord | AvroEnum | AvroFixed | AvroArray | AvroMap | AvroAnnotated;

interface Attributes {
  readonly [attribute: string]: unknown;
}
interface Named extends Attributes {
  readonly name: string;
  readonly namespace?: string;
}
export interface AvroRecord extends Named {
  readonly type: 'record';
  readonly fields: readonly AvroField[];
}
export interface AvroField extends Attributes {
  readonly name: string;
  readonly type: AvroDefinition;
  readonly doc?: string;
  readonly default?: unknown;
}
export interface AvroEnum extends Named {
  readonly type: 'enum';
  readonly symbols: readonly string[];
}
export interface AvroFixed extends Named {
  readonly type: 'fixed';
  readonly size: number;
  readonly logicalType?: string;
}
export interface AvroArray extends Attributes {
  readonly type: 'array';
  readonly items: AvroDefinition;
}
export interface AvroMap extends Attributes {
  readonly type: 'map';
  readonly values: AvroDefinition;
}
export interface AvroAnnotated extends Attributes {
  readonly type: Primitive;
  readonly logicalType?: string;
}

export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type Primitive = (typeof PRIMITIVES)[number];

/** Caps on what is read as a schema: a hostile one must not cost more than it is worth. */
export const MAX_DEFINITION_LENGTH = 1_000_000;
export const MAX_DEFINITION_DEPTH = 32;
export const MAX_DEFINITION_TYPES = 10_000;
const MAX_FIXED_SIZE = 1_000_000;
const MAX_PROBLEMS = 20;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export type DecodedDefinition =
  | { readonly status: 'ok'; readonly definition: AvroDefinition }
  | { readonly status: 'invalid'; readonly problems: readonly string[] };

/** Reads schema text as a registry holds it; a bare name such as `string` needs its JSON quotes. */
export function parseDefinition(text: string): DecodedDefinition {
  if (text.length > MAX_DEFINITION_LENGTH) {
    const problem = `The schema has ${text.length} characters; at most ${MAX_DEFINITION_LENGTH} are read.`;
    return { status: 'invalid', problems: [problem] };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { status: 'invalid', problems: ['The schema is not JSON.'] };
  }
  return decodeDefinition(value);
}

/**
 * Checks that a parsed JSON value is an Avro schema: shape, names, references to types defined
 * before their use, depth and size. Problems name the path, at most 20 of them. Stricter than the
 * specification in three places nobody needs: `{"type": "Name"}` as a reference, the field name
 * `__proto__`, which JavaScript readers lose, and a fixed of size 0, with which ClickHouse refuses
 * the whole schema.
 */
export function decodeDefinition(value: unknown): DecodedDefinition {
  const state: State = { problems: [], names: new Set(), types: 0 };
  check(value, 'schema', '', 0, state);
  if (state.problems.length > 0) return { status: 'invalid', problems: state.problems };
  // Everything that AvroDefinition claims has been checked above.
  return { status: 'ok', definition: value as AvroDefinition };
}

interface State {
  readonly problems: string[];
  readonly names: Set<string>;
  types: number;
}

function check(value: unknown, path: string, namespace: string, depth: number, state: State): void {
  state.types += 1;
  if (state.problems.length >= MAX_PROBLEMS) return;
  if (state.types > MAX_DEFINITION_TYPES) problem(state, path, `more than ${MAX_DEFINITION_TYPES} types`);
  else if (depth > MAX_DEFINITION_DEPTH)
    problem(state, path, `nested deeper than ${MAX_DEFINITION_DEPTH} levels`);
  else if (typeof value === 'string') checkReference(value, path, namespace, state);
  else if (Array.isArray(value)) checkUnion(value, path, namespace, depth, state);
  else if (isObject(value)) checkObject(value, path, namespace, depth, state);
  else problem(state, path, 'expected a type name, a list or an object');
}

function checkObject(value: Attributes, path: string, namespace: string, depth: number, state: State): void {
  const type = value['type'];
  switch (type) {
    case 'record':
      checkRecord(value, path, namespace, depth, state);
      break;
    case 'enum':
      checkNamed(value, path, namespace, state);
      checkSymbols(value['symbols'], path, state);
      break;
    case 'fixed':
      checkNamed(value, path, namespace, state);
      if (!isCount(value['size']) || value['size'] > MAX_FIXED_SIZE)
        problem(state, path, `size must be a whole number from 1 to ${MAX_FIXED_SIZE}`);
      break;
    case 'array':
      check(value['items'], `${path}.items`, namespace, depth + 1, state);
      break;
    case 'map':
      check(value['values'], `${path}.values`, namespace, depth + 1, state);
      break;
    default:
      if (typeof type !== 'string' || !isPrimitive(type)) problem(state, path, `unknown type ${shown(type)}`);
  }
}

function checkReference(name: string, path: string, namespace: string, state: State): void {
  if (isPrimitive(name)) return;
  if (state.names.has(fullName(name, namespace)) || state.names.has(name)) return;
  problem(state, path, `"${name.slice(0, 60)}" is neither a primitive type nor defined before its use`);
}

function checkUnion(
  branches: readonly unknown[],
  path: string,
  namespace: string,
  depth: number,
  state: State,
): void {
  if (branches.length === 0) problem(state, path, 'a union needs a branch');
  const seen = new Set<string>();
  for (const [index, branch] of branches.entries()) {
    const name = branchName(branch, namespace);
    if (Array.isArray(branch)) problem(state, path, 'a union may not hold a union');
    else if (name !== undefined && seen.has(name)) problem(state, path, `two branches of type ${name}`);
    else check(branch, `${path}[${index}]`, namespace, depth + 1, state);
    if (name !== undefined) seen.add(name);
  }
}

/** What the branches of a union are told apart by: the type, or the full name of a named one. */
function branchName(branch: unknown, namespace: string): string | undefined {
  if (typeof branch === 'string') return isPrimitive(branch) ? branch : fullName(branch, namespace);
  if (!isObject(branch)) return undefined;
  const { type, name } = branch;
  if (typeof type !== 'string') return undefined;
  return typeof name === 'string' && ['record', 'enum', 'fixed'].includes(type)
    ? fullName(name, namespaceOf(branch, namespace))
    : type;
}

function checkRecord(record: Attributes, path: string, enclosing: string, depth: number, state: State): void {
  const namespace = checkNamed(record, path, enclosing, state);
  const fields: unknown = record['fields'];
  if (!Array.isArray(fields)) {
    problem(state, path, 'a record needs a list of fields');
    return;
  }
  const names = new Set<string>();
  for (const field of fields) {
    const name = isObject(field) ? field['name'] : undefined;
    if (!isObject(field) || typeof name !== 'string' || !NAME.test(name) || name === '__proto__') {
      problem(state, path, `${shown(name)} is not a field name`);
      continue;
    }
    if (names.has(name)) problem(state, path, `two fields named "${name}"`);
    names.add(name);
    if (field['doc'] !== undefined && typeof field['doc'] !== 'string')
      problem(state, `${path}.${name}`, 'doc must be a text');
    check(field['type'], `${path}.${name}`, namespace, depth + 1, state);
  }
}

/** Registers the full name of a named type and returns the namespace of what it encloses. */
function checkNamed(value: Attributes, path: string, enclosing: string, state: State): string {
  const name = value['name'];
  if (typeof name !== 'string' || !name.split('.').every((part) => NAME.test(part))) {
    problem(state, path, `${shown(name)} is not a type name`);
    return enclosing;
  }
  const namespace = namespaceOf(value, enclosing);
  if (namespace !== '' && !namespace.split('.').every((part) => NAME.test(part)))
    problem(state, path, `"${namespace.slice(0, 60)}" is not a namespace`);
  const full = fullName(name, namespace);
  if (isPrimitive(full)) problem(state, path, `"${full}" is the name of a primitive type`);
  if (state.names.has(full)) problem(state, path, `"${full}" is defined twice`);
  state.names.add(full);
  return full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
}

function namespaceOf(value: Attributes, enclosing: string): string {
  const namespace = value['namespace'];
  return typeof namespace === 'string' ? namespace : enclosing;
}

function checkSymbols(symbols: unknown, path: string, state: State): void {
  if (!Array.isArray(symbols) || symbols.length === 0) {
    problem(state, path, 'an enum needs a list of symbols');
    return;
  }
  const bad = symbols.find((symbol: unknown) => typeof symbol !== 'string' || !NAME.test(symbol));
  if (bad !== undefined) problem(state, path, `${shown(bad)} is not a symbol`);
  if (new Set(symbols).size < symbols.length) problem(state, path, 'a symbol is listed twice');
}

function problem(state: State, path: string, text: string): void {
  if (state.problems.length < MAX_PROBLEMS) state.problems.push(`${path}: ${text}.`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : `of ${typeof value} kind`;
}

function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

export function isPrimitive(name: string): name is Primitive {
  const names: readonly string[] = PRIMITIVES;
  return names.includes(name);
}
