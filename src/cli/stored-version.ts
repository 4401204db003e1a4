import { join } from 'node:path';
import { isAlias } from '../core/experiments/aliases.ts';
import { type Dataset, takeRows } from '../core/models/dataset.ts';
import { columnsOfDataset } from '../core/models/scoring-columns.ts';
import { type DatasetVersion, findDataset, listDatasets } from '../io/files/list-datasets.ts';
import type { Manifest } from '../io/files/manifest.ts';
import { openScorer } from '../io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../io/onnx-runtime/scorer.ts';
import { versionNamed } from './aliases.ts';
import { chosenModel } from './replay-ports.ts';
import type { Settings } from './settings.ts';

/** The version in the model store that a person names. */
export async function findSubject(args: {
  settings: Settings;
  flags: { readonly model?: string };
  /** A number such as v2, or an alias. */
  version: string;
}): Promise<DatasetVersion> {
  const { settings, flags, version } = args;
  if (!isAlias(version)) return findDataset(await listDatasets(settings.store, flags.model), version);
  const model = chosenModel(settings, flags.model);
  const under = await versionNamed(settings, model, version);
  return findDataset(await listDatasets(settings.store, model), under);
}

/** Opens the model of a stored version after the checks that a server makes. Close it after use. */
export function openStoredScorer(args: {
  store: string;
  manifest: Manifest;
  examples: Dataset;
}): Promise<Scorer> {
  const { store, manifest, examples } = args;
  const few = takeRows(examples, examples.rows === 0 ? [] : [0]);
  return openScorer({
    path: join(store, 'models', manifest.model, manifest.version, 'model.onnx'),
    sha256: manifest.sha256,
    sample: columnsOfDataset(few, manifest.inputs),
    ...(manifest.classes === undefined ? {} : { classes: manifest.classes }),
  });
}
