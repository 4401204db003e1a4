import { takeRows } from '../../src/core/models/dataset.ts';
import type { StoredVersion } from '../../src/io/files/model-store.ts';
import type { ExampleFields } from '../../src/io/files/read-snapshot.ts';
import type { ChampionData } from './check-data.ts';
import type { TrainPorts } from './ports.ts';

/**
 * The rows that the champion was trained on, read again from its snapshot: those before its validation, and only the
 * features that it has as inputs of the same kind.
 */
export async function championData(args: {
  ports: Pick<TrainPorts, 'store' | 'readSnapshot'>;
  champion: StoredVersion | undefined;
  fields: ExampleFields;
}): Promise<ChampionData> {
  const { ports, champion, fields } = args;
  if (champion === undefined) return unread('there is no champion');
  if (champion.status === 'bad') return unread(champion.why);
  const { snapshot, training, inputs, version } = champion.manifest;
  const stored = await ports.store.findSnapshot(snapshot);
  if (stored.status === 'bad') return unread(stored.why);
  const { dataset, eventTimesMs, absent } = await ports.readSnapshot(stored.path, fields);
  const until = Date.parse(training.until);
  const { train_from: from } = training.config;
  const fromMs = typeof from === 'string' ? Date.parse(from) : Number.NEGATIVE_INFINITY;
  const rows = Array.from(eventTimesMs.keys()).filter((row) => {
    const time = eventTimesMs[row] ?? Number.NaN;
    return time >= fromMs && time < until;
  });
  const known = (kind: 'numeric' | 'categorical') => {
    const names = new Set(inputs.filter((input) => input.kind === kind).map(({ name }) => name));
    return ({ name }: { name: string }): boolean => names.has(name) && !(absent ?? []).includes(name);
  };
  const all = takeRows(dataset, rows);
  return {
    status: 'read',
    version,
    dataset: {
      ...all,
      numeric: all.numeric.filter(known('numeric')),
      categorical: all.categorical.filter(known('categorical')),
    },
  };
}

function unread(why: string): ChampionData {
  return { status: 'unread', why };
}
