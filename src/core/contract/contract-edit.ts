import type { AvroDefinition, AvroField } from '../avro/definition.ts';
import type { FieldNode } from '../avro/resolve.ts';
import type { Field } from './contract.ts';
import type { ContractEdit } from './schema-skew.ts';

/** Edit that lets a field be missing: nullable, null by default, no presence demanded. */
export function editToOptional(field: Field): { readonly edit?: ContractEdit } {
  const { presence: _, ...kept } = base(field);
  return replace(field, { ...kept, type: nullable(kept.type), default: null });
}

/** Edit that takes over the writer's type, null branch and default; our attributes stay. */
export function editToType(field: Field, writer: AvroField): { readonly edit?: ContractEdit } {
  const { default: _, ...kept } = base(field);
  const value = writer.default === undefined ? {} : { default: writer.default };
  return replace(field, { ...kept, type: writer.type, ...value });
}

/** Edit that takes over the writer's default value. */
export function editToDefault(field: Field, writer: AvroField): { readonly edit?: ContractEdit } {
  return editToType(field, { ...writer, type: base(field).type });
}

export function editToUnit(field: Field, unit: string): { readonly edit?: ContractEdit } {
  return replace(field, { ...base(field), unit });
}

/** Edit that widens the domain by the symbols that the writer's enum has on top. */
export function editToDomain(field: Field, symbols: readonly string[]): { readonly edit?: ContractEdit } {
  const domain = [...(field.domain ?? []), ...symbols];
  const { type } = base(field);
  return replace(field, { ...base(field), type: withSymbols(type, domain), domain });
}

/** Edit that asks for no domain; none where the type is an enum, which has one by itself. */
export function editWithoutDomain(field: Field): { readonly edit?: ContractEdit } {
  const { domain: _, ...kept } = base(field);
  return isEnum(kept.type) ? {} : replace(field, kept);
}

/** Edit to another range of numbers. */
export function editToRange(field: Field, range: Field['range'] & object): { readonly edit?: ContractEdit } {
  return replace(field, { ...base(field), range });
}

/** Edit that asks for no larger share of values than there is, to the hundredth below. */
export function editToPresence(field: Field, present: number): { readonly edit?: ContractEdit } {
  return replace(field, { ...base(field), presence: Math.floor(100 * present + 1e-9) / 100 });
}

/** Edit that takes a new field in, stored but not watched until someone gives it a role. */
export function editToAdd({ name, field }: FieldNode): { readonly edit: ContractEdit } {
  return { edit: { action: 'add', field: name, becomes: { role: 'ignore', ...field } } };
}

function replace(field: Field, becomes: AvroField): { readonly edit?: ContractEdit } {
  if (field.registered === undefined && /[<(|]/.test(field.avro)) return {}; // no Avro type to start from
  return { edit: { action: 'replace', field: field.name, becomes } };
}

/** The Avro field as registered; for contracts made by hand, what its type text says. */
function base(field: Field): AvroField {
  return (
    field.registered ?? {
      name: field.name,
      type: field.nullable ? ['null', field.avro] : field.avro,
      role: field.role,
      kind: field.kind,
    }
  );
}

function nullable(type: AvroDefinition): AvroDefinition {
  const branches = isUnion(type) ? type : [type];
  return ['null', ...branches.filter((branch) => branch !== 'null')];
}

function withSymbols(type: AvroDefinition, domain: readonly string[]): AvroDefinition {
  if (typeof type === 'string') return type;
  if (isUnion(type)) return type.map((branch) => withSymbols(branch, domain));
  return type.type === 'enum' ? { ...type, symbols: [...new Set([...type.symbols, ...domain])] } : type;
}

function isEnum(type: AvroDefinition): boolean {
  if (typeof type === 'string') return false;
  return isUnion(type) ? type.some(isEnum) : type.type === 'enum';
}

function isUnion(type: AvroDefinition): type is readonly AvroDefinition[] {
  return Array.isArray(type);
}
