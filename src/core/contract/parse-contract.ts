import type { AvroDefinition } from '../avro/definition.ts';
import { type AvroNode, type FieldNode, resolveDefinition, withoutNull } from '../avro/resolve.ts';
import { typeText } from '../avro/type-text.ts';
import { EVENT_TIME } from '../avro/walker.ts';
import { type AttributeReader, attributeReader } from './attributes.ts';
import { columnType, REQUIRED_ROLES } from './column-type.ts';
import type { Contract, Field, Kind, Role, Stream } from './contract.ts';
import { defaultKind, kindFits } from './kind-of-type.ts';

export type ParsedContract =
  | { readonly status: 'ok'; readonly contract: Contract; readonly warnings: readonly string[] }
  | { readonly status: 'invalid'; readonly problems: readonly string[] };

/**
 * Reads a stream's registered schema, with our attributes on its fields, as a contract.
 *
 * Attributes: `role`, `kind`, `unit`, `tolerance` ({absolute, relative}), `domain` (list of texts),
 * `range` ({min, max}), `presence` (0 to 1), `entity` (the name of a field). A field with role `entity` says
 * which customer, station or machine a record is about, for all features that do not name another field: earlier
 * values of the entity tell a stale value from a wrong one. A `tolerance` of a timestamp is in milliseconds. A field without a role is stored but not watched
 * (`ignore`), with a warning: a forgotten role must not turn into a feature by itself. A field without
 * a kind takes the one of its Avro type, a label that is a whole number `boolean` (0 or 1).
 *
 * Every stream has exactly one id (text or whole number) and one event time, a field named
 * `event_time` of type timestamp-millis, timestamp-micros or long (milliseconds), neither nullable.
 * training adds one label and at least one feature; serving one prediction, one version and at
 * least one feature, and at most one field of probabilities (a map from class to number); labels one label. All problems are reported at once, as sentences.
 */
export function parseContract(args: {
  readonly model: string;
  readonly stream: Stream;
  readonly topic: string;
  readonly subject: string;
  readonly definition: AvroDefinition;
}): ParsedContract {
  const { model, stream, topic, subject, definition } = args;
  const root = resolveDefinition(definition);
  if (root.kind !== 'record')
    return { status: 'invalid', problems: [`The schema is ${typeText(root)}; a contract is a record.`] };
  const notes: Notes = { problems: [], warnings: [] };
  if (!MODEL_NAME.test(model))
    notes.problems.push(`The model name "${model}" must be letters, digits and underscores, a letter first.`);
  const fields = root.fields.map((field) => readField(field, notes));
  checkRoles(stream, fields, notes.problems);
  checkEntities(fields, notes.problems);
  if (notes.problems.length > 0) return { status: 'invalid', problems: notes.problems };
  return { status: 'ok', contract: { model, stream, subject, topic, fields }, warnings: notes.warnings };
}

interface Notes {
  readonly problems: string[];
  readonly warnings: string[];
}

const MODEL_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const EVENT_TIME_TYPES: readonly string[] = ['timestamp-millis', 'timestamp-micros', 'long'];
const ID_TYPES: readonly string[] = ['string', 'uuid', 'int', 'long'];

function readField({ name, node: full, field: registered }: FieldNode, notes: Notes): Field {
  const complain = (text: string): void => void notes.problems.push(`Field "${name}": ${text}.`);
  const { nullable, node } = withoutNull(full);
  const avro = typeText(node);
  const read = attributeReader(registered, complain);
  const role = read.role() ?? 'ignore';
  if (registered['role'] === undefined)
    notes.warnings.push(`Field "${name}" has no role: it is stored, and not watched.`);
  const kind = readKind(read, role, node, complain);
  const attributes = read.rest(kind, node);

  if (name.startsWith('_')) complain('names that begin with _ are reserved for driftwatch');
  if (columnType({ avro, nullable, role }) === undefined) {
    const why = storageProblem(avro, nullable);
    if (role === 'ignore') notes.warnings.push(`Field "${name}" is not stored: ${why}.`);
    else complain(why);
  }
  checkType(name, role, avro, nullable, complain);
  return { name, role, kind, avro, nullable, ...attributes, registered };
}

function readKind(read: AttributeReader, role: Role, node: AvroNode, complain: (text: string) => void): Kind {
  const usual = role === 'label' && isWhole(node) ? 'boolean' : defaultKind(node);
  const kind = read.kind() ?? usual ?? 'text';
  if (role === 'feature' && usual === undefined)
    complain(`a feature of type ${typeText(node)} cannot be watched; flatten it into fields of their own`);
  else if (usual !== undefined && !kindFits(kind, node))
    complain(`kind ${kind} does not fit the type ${typeText(node)}`);
  return kind;
}

/** A label that is a whole number is nearly always 0 or 1. */
function isWhole(node: AvroNode): boolean {
  return ['int', 'long'].includes(typeText(node));
}

function storageProblem(avro: string, nullable: boolean): string {
  if (nullable && (avro.startsWith('array<') || avro.startsWith('map<') || avro === 'record')) {
    return (
      `a nullable ${avro} loses the difference between null and empty in ClickHouse; ` +
      'make it not nullable and add a boolean field that says whether it is present'
    );
  }
  return `type ${avro} has no column type; flatten it into fields of their own`;
}

function checkType(
  name: string,
  role: Role,
  avro: string,
  nullable: boolean,
  complain: (text: string) => void,
): void {
  if (role === 'event-time') {
    if (name !== EVENT_TIME) complain(`the field with role event-time must be named ${EVENT_TIME}`);
    if (!EVENT_TIME_TYPES.includes(avro))
      complain(`an event time is of type ${EVENT_TIME_TYPES.join(', ')}, not ${avro}`);
  } else if (name === EVENT_TIME) complain('the name event_time is for the field with role event-time');
  if (role === 'id' && !ID_TYPES.includes(avro))
    complain(`an id is of type ${ID_TYPES.join(', ')}, not ${avro}`);
  if (nullable && REQUIRED_ROLES.includes(role)) complain(`the ${role} may not be nullable`);
}

function checkRoles(stream: Stream, fields: readonly Field[], problems: string[]): void {
  const count = (role: Role): number => fields.filter((field) => field.role === role).length;
  for (const role of ONE_OF[stream]) {
    if (count(role) !== 1)
      problems.push(
        `A ${stream} record has exactly one field with role ${role}; this one has ${count(role)}.`,
      );
  }
  if (count('probabilities') > (stream === 'serving' ? 1 : 0))
    problems.push('The role probabilities is for one field of serving records.');
  if (stream !== 'labels' && count('feature') === 0)
    problems.push(`A ${stream} record has at least one field with role feature; this one has none.`);
}

/** At most one entity for all features, of a type that compares exactly; a named one must be there. */
function checkEntities(fields: readonly Field[], problems: string[]): void {
  const common = fields.filter(({ role }) => role === 'entity');
  if (common.length > 1)
    problems.push(
      `Fields ${common.map(({ name }) => `"${name}"`).join(' and ')} both have the role entity; features of another entity name its field with the attribute entity.`,
    );
  const named = fields.flatMap(({ name, entity }) => (entity === undefined ? [] : [{ name, entity }]));
  for (const { name, entity } of named)
    if (!fields.some((field) => field.name === entity))
      problems.push(`Field "${name}": its entity "${entity}" is no field of this record.`);
  const used = new Set([...common.map(({ name }) => name), ...named.map(({ entity }) => entity)]);
  for (const { name, avro } of fields)
    if (used.has(name) && !ENTITY_TYPES.includes(avro))
      problems.push(`Field "${name}": an entity is of type ${ENTITY_TYPES.join(', ')}, not ${avro}.`);
}

const ENTITY_TYPES: readonly string[] = ['string', 'uuid', 'enum', 'int', 'long'];

const ONE_OF = {
  training: ['id', 'event-time', 'label'],
  serving: ['id', 'event-time', 'prediction', 'version'],
  labels: ['id', 'event-time', 'label'],
} as const satisfies Record<Stream, readonly Role[]>;
