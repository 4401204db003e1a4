import avro from 'avsc';

/** Rows of an Avro object container of one block, read by avsc, which had no part in writing it. */
export function readContainer(body: Uint8Array): Record<string, unknown>[] {
  const bytes = Buffer.from(body);
  const header = HEADER.decode(bytes);
  const schema = String(header.value.meta['avro.schema']);
  const type = types.get(schema) ?? avro.Type.forSchema(JSON.parse(schema), { wrapUnions: false });
  types.set(schema, type);
  const count = LONG.decode(bytes, header.offset);
  let at = LONG.decode(bytes, count.offset).offset;
  const rows: Record<string, unknown>[] = [];
  for (let i = 0; i < count.value; i += 1) {
    const row = type.decode(bytes, at);
    rows.push(row.value);
    at = row.offset;
  }
  return rows;
}

const types = new Map<string, avro.Type>();
const LONG = avro.Type.forSchema('long');
const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: 16 } },
  ],
});
