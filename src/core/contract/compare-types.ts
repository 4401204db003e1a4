import type { SchemaSkewClass } from './schema-skew.ts';

export type TypeFit =
  | { readonly fit: 'same' }
  | { readonly fit: 'stored' | 'refused'; readonly class: SchemaSkewClass };

/**
 * Whether values of a writer's type can be stored in the column of a contract's type, both as
 * typeText writes them. Stored are Avro's own promotions (int to long, float, double; long to float,
 * double; float to double; string and bytes), enum and string (columns hold the text of either), and
 * timestamp-millis and long (the same number). All else ClickHouse refuses or, worse, misreads: a long
 * in an int column wraps around, a micro in a milli column lands in another century.
 */
export function compareTypes(contract: string, writer: string): TypeFit {
  if (contract === writer) return { fit: 'same' };
  const [outer, item] = split(contract);
  const [writerOuter, writerItem] = split(writer);
  if (outer !== writerOuter) return shapeChanged(outer, writerOuter);
  if (outer === '') return compareScalars(contract, writer);
  if (writerItem.endsWith('?') && !item.endsWith('?'))
    return { fit: 'refused', class: 'FIELD_NULLABILITY_CHANGED' };
  const inner = compareTypes(bare(item), bare(writerItem));
  if (inner.fit === 'same') return { fit: 'stored', class: 'FIELD_NULLABILITY_CHANGED' };
  return inner;
}

/** What a repeated value is made of: `['array', 'double?']` for `array<double?>`, `['', ...]` for one value. */
function split(type: string): readonly [string, string] {
  const [, outer = '', item = type] = /^(array|map)<(.+)>$/.exec(type) ?? [];
  return [outer, item];
}

function bare(type: string): string {
  return type.endsWith('?') ? type.slice(0, -1) : type;
}

function shapeChanged(contract: string, writer: string): TypeFit {
  if (contract === '' && writer === 'array')
    return { fit: 'refused', class: 'FEATURE_TYPE_UNEXPECTED_REPEATED' };
  if (contract === 'array' && writer === '') return { fit: 'refused', class: 'VALUE_NESTEDNESS_MISMATCH' };
  return { fit: 'refused', class: 'UNEXPECTED_DATA_TYPE' };
}

function compareScalars(contract: string, writer: string): TypeFit {
  const skew = STORED.get(`${writer} as ${contract}`);
  return skew === undefined
    ? { fit: 'refused', class: 'UNEXPECTED_DATA_TYPE' }
    : { fit: 'stored', class: skew };
}

const STORED: ReadonlyMap<string, SchemaSkewClass> = new Map([
  ['int as long', 'FIELD_TYPE_PROMOTED'],
  ['int as float', 'FIELD_TYPE_PROMOTED'],
  ['int as double', 'FIELD_TYPE_PROMOTED'],
  ['long as float', 'FIELD_TYPE_PROMOTED'],
  ['long as double', 'FIELD_TYPE_PROMOTED'],
  ['float as double', 'FIELD_TYPE_PROMOTED'],
  ['string as bytes', 'FIELD_TYPE_PROMOTED'],
  ['bytes as string', 'FIELD_TYPE_PROMOTED'],
  ['string as uuid', 'FIELD_LOGICAL_TYPE_CHANGED'],
  ['uuid as string', 'FIELD_LOGICAL_TYPE_CHANGED'],
  ['long as timestamp-millis', 'FIELD_LOGICAL_TYPE_CHANGED'],
  ['timestamp-millis as long', 'FIELD_LOGICAL_TYPE_CHANGED'],
  ['string as enum', 'UNEXPECTED_DATA_TYPE'],
  ['enum as string', 'UNEXPECTED_DATA_TYPE'],
]);
