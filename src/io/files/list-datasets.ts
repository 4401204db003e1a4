import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelTask } from '../../core/contract/label-task.ts';
import { DriftwatchError } from '../../errors.ts';
import { MANIFEST, type Manifest } from './manifest.ts';
import { type ExampleFields, type Examples, readSnapshot } from './read-snapshot.ts';

/** A version and the snapshot it was made of. */
export interface DatasetVersion {
  readonly manifest: Manifest;
  /** Path of the Parquet file. */
  readonly path: string;
}

/** Every version in a model store with its snapshot, by model and number. Folders without a valid manifest are left out. */
export async function listDatasets(directory: string, model?: string): Promise<DatasetVersion[]> {
  const models = model === undefined ? await namesIn(join(directory, 'models')) : [model];
  const found: DatasetVersion[] = [];
  for (const one of models) {
    for (const version of await namesIn(join(directory, 'models', one))) {
      const manifest = await readManifest(join(directory, 'models', one, version, 'manifest.json'));
      if (manifest !== undefined) found.push({ manifest, path: join(directory, manifest.snapshot.uri) });
    }
  }
  const number = ({ manifest }: DatasetVersion): number => Number(manifest.version.slice(1));
  return found.sort((a, b) => a.manifest.model.localeCompare(b.manifest.model) || number(a) - number(b));
}

/** The one that a person means: a version such as v2, or the first digits of a snapshot's sha256. */
export function findDataset(datasets: readonly DatasetVersion[], wanted: string): DatasetVersion {
  const matches = datasets.filter(
    ({ manifest }) =>
      manifest.version === wanted || (wanted.length >= 6 && manifest.snapshot.sha256.startsWith(wanted)),
  );
  const [first, ...others] = matches;
  if (first !== undefined && others.every(({ path }) => path === first.path)) return first;
  const known = datasets.map(({ manifest }) => `${manifest.model} ${manifest.version}`).join(', ');
  throw new DriftwatchError({
    code: 'NOT_YET',
    message: `${first === undefined ? 'No' : 'More than one'} data set goes by "${wanted}"; there are ${known || 'none'}.`,
    next: 'Name a version, with --model where there are several models, or the beginning of a sha256.',
  });
}

/**
 * What a version was trained to answer. Of classes those that it knows come first, in their order, then the others that
 * the labels of its rows have: of these it can only be wrong.
 */
export async function readTask(of: DatasetVersion): Promise<LabelTask> {
  const { task = 'classification', classes = [], snapshot } = of.manifest;
  if (task !== 'multiclass') return { kind: task };
  const label = snapshot.columns.at(-1) ?? '';
  const { dataset } = await readColumnsOf(of, { numeric: [], categorical: [label] });
  const came = new Set(dataset.categorical[0]?.values.map((name) => name ?? ''));
  const others = [...came].filter((name) => name !== '' && !classes.includes(name)).sort();
  return { kind: task, classes: [...classes, ...others] };
}

/** The rows of a snapshot as its version was trained on them; labels of classes are places among `classes`. */
export async function readDataset(
  of: DatasetVersion,
  classes: readonly string[] | undefined = of.manifest.classes,
): Promise<Examples> {
  const inputs = (kind: 'numeric' | 'categorical'): string[] =>
    of.manifest.inputs.filter((input) => input.kind === kind).map(({ name }) => name);
  return readColumnsOf(of, { numeric: inputs('numeric'), categorical: inputs('categorical'), classes });
}

async function readColumnsOf(
  { manifest, path }: DatasetVersion,
  columns: Pick<ExampleFields, 'numeric' | 'categorical' | 'classes'>,
): Promise<Examples> {
  const [id, eventTime] = manifest.snapshot.columns;
  const label = manifest.snapshot.columns.at(-1);
  try {
    return await readSnapshot(path, {
      id: id ?? '',
      eventTime: eventTime ?? '',
      label: label ?? '',
      ...columns,
    });
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_UNREADABLE',
      message: `The snapshot ${path} of ${manifest.version} cannot be read.`,
      next: 'Name the model store with DRIFTWATCH_STORE, or let the version be trained again.',
      cause,
    });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  try {
    return MANIFEST.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
