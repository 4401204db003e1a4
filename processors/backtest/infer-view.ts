import type { Contract, Field, Kind } from '../../src/core/contract/contract.ts';
import type { Table } from '../../src/core/windows/column.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ModelView } from '../panes/model-view.ts';

/**
 * The features of a table that has no contract. Texts and booleans are categorical. Numbers are numeric, unless all
 * of them in the reference are whole and there are at most ten different ones: then they are categorical. Left out
 * are times, the time column, segments without being asked for, and texts of which more than half (and more than
 * a hundred) are different: those are ids.
 */
export function inferView(args: {
  table: Table;
  features: readonly string[];
  segments: readonly string[];
  leave: readonly string[];
  contract?: Contract;
}): { view: ModelView; leftOut: { name: string; why: string }[] } {
  const { table, contract } = args;
  const leftOut: { name: string; why: string }[] = [];
  const wanted = args.features.length > 0 ? args.features : namesOf(args);
  const features = wanted.flatMap((name): ModelView['features'][number][] => {
    const column = table.columns.get(name);
    if (column === undefined) throw unknownColumn(name, table);
    const known = contract?.fields.find((field) => field.name === name);
    const kind = known?.kind ?? kindOf(table, name);
    if (args.features.length === 0 && kind === 'text' && known === undefined) {
      leftOut.push({ name, why: 'nearly every value is another one: it looks like an id' });
      return [];
    }
    const numeric = kind === 'numeric' || kind === 'timestamp';
    const field: Field = known ?? { name, role: 'feature', kind, avro: 'string', nullable: true };
    return [{ field, kind: numeric ? 'numeric' : 'categorical' }];
  });
  for (const name of args.segments) if (!table.columns.has(name)) throw unknownColumn(name, table);
  const none = { training: '', serving: '', labels: '' };
  const view = {
    model: contract?.model ?? 'files',
    tables: none,
    topics: none,
    id: '',
    prediction: contract?.fields.find(({ role }) => role === 'prediction')?.name ?? '',
    task: 'classification' as const,
    version: '',
    label: '',
    features,
    segments: args.segments,
  };
  return { view, leftOut };
}

function namesOf(args: Parameters<typeof inferView>[0]): string[] {
  if (args.contract !== undefined)
    return args.contract.fields.filter(({ role }) => role === 'feature').map(({ name }) => name);
  return [...args.table.columns.values()]
    .filter(({ name, form }) => form !== 'time' && !args.leave.includes(name))
    .map(({ name }) => name);
}

function kindOf(table: Table, name: string): Kind {
  const column = table.columns.get(name);
  if (column === undefined || column.form === 'boolean') return 'boolean';
  if (column.form === 'time') return 'timestamp';
  if (column.form === 'list') return 'embedding';
  const distinct = new Set<number | string>();
  let [values, whole] = [0, true];
  for (let row = 0; row < table.rows; row += 1) {
    const value = column.form === 'number' ? column.number(row) : column.text(row);
    if (value === null) continue;
    values += 1;
    if (typeof value === 'number' && !Number.isInteger(value)) whole = false;
    if (column.form === 'text' || distinct.size <= FEW) distinct.add(value);
  }
  if (column.form === 'number') return whole && distinct.size <= FEW ? 'categorical' : 'numeric';
  return distinct.size > MANY && distinct.size > values / 2 ? 'text' : 'categorical';
}

function unknownColumn(name: string, table: Table): DriftwatchError {
  return new DriftwatchError({
    code: 'FILE_INVALID',
    message: `There is no column ${name}.`,
    next: `Columns are: ${[...table.columns.keys()].join(', ')}.`,
  });
}

const FEW = 10;
const MANY = 100;
