import { type AvroDefinition, type AvroField, decodeDefinition } from '../avro/definition.ts';
import type { ContractEdit } from './schema-skew.ts';

export type EditedContract =
  | { readonly status: 'ok'; readonly definition: AvroDefinition }
  | { readonly status: 'invalid'; readonly problems: readonly string[] };

/**
 * The contract's Avro schema with proposed edits carried out. Fields are replaced where they stand, new ones come
 * last. Several edits of one field add up: each does what it changes of the contract as it was, so that another
 * type and another unit both arrive. Invalid when the schema is no record, an edit is about a field that is not
 * there (or there already), or what comes out is no Avro schema.
 */
export function applyEdits(definition: AvroDefinition, edits: readonly ContractEdit[]): EditedContract {
  const before = fieldsOf(definition);
  if (before === undefined) return { status: 'invalid', problems: ['The contract is not a record.'] };
  const problems: string[] = [];
  let fields = before;
  for (const { action, field: name, becomes } of edits) {
    const [present, original] = [fields, before].map((some) => some.find((field) => field.name === name));
    if (action === 'add' && present === undefined) fields = [...fields, becomes];
    else if (action === 'replace' && present !== undefined && original !== undefined) {
      const changed = changedBy({ becomes, present, original });
      fields = fields.map((field) => (field === present ? changed : field));
    } else
      problems.push(
        `The contract has ${present === undefined ? 'no' : 'already a'} field "${name}" to ${action}.`,
      );
  }
  if (problems.length > 0 || typeof definition === 'string') return { status: 'invalid', problems };
  return decodeDefinition({ ...definition, fields });
}

function fieldsOf(definition: AvroDefinition): readonly AvroField[] | undefined {
  if (typeof definition === 'string' || !('type' in definition) || definition.type !== 'record')
    return undefined;
  return definition.fields;
}

/** The field as it is by now, with what the edit adds to, changes in and takes from the original. */
function changedBy(args: { becomes: AvroField; present: AvroField; original: AvroField }): AvroField {
  const { becomes, present, original } = args;
  const changed = Object.entries(becomes).filter(
    ([name, value]) => JSON.stringify(original[name]) !== JSON.stringify(value),
  );
  const kept = Object.entries(present).filter(([name]) => name in becomes || !(name in original));
  return { name: present.name, type: present.type, ...Object.fromEntries([...kept, ...changed]) };
}
