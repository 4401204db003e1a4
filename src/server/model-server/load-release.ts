import type { Contract } from '../../core/contract/contract.ts';
import { answerProblem } from '../../core/contract/label-task.ts';
import { modelInputs } from '../../core/contract/model-inputs.ts';
import type { Task } from '../../core/models/model.ts';
import { columnsOfRecords } from '../../core/models/scoring-columns.ts';
import { DriftwatchError } from '../../errors.ts';
import type { Manifest } from '../../io/files/manifest.ts';
import type { ModelStore } from '../../io/files/model-store.ts';
import type { OpenScorerArgs } from '../../io/onnx-runtime/open-scorer.ts';
import type { Scorer } from '../../io/onnx-runtime/scorer.ts';
import type { Release } from '../../runtime/release-record.ts';

/**
 * Loads a released version, before any request sees it: its hash, the checks on the file, a trial in a child
 * process that must repeat the golden predictions of the manifest, and inputs that requests can give.
 */
export async function loadRelease(args: {
  store: Pick<ModelStore, 'readVersion'>;
  openScorer: (args: OpenScorerArgs) => Promise<Scorer>;
  release: Release;
  /** What the answers are logged as. */
  contract: Contract;
}): Promise<{ status: 'loaded'; scorer: Scorer } | { status: 'refused'; why: string }> {
  const { store, release, contract } = args;
  const stored = await store.readVersion(release);
  if (stored.status === 'bad') return { status: 'refused', why: stored.why };
  const problem = checkManifest(stored.manifest, release, contract);
  if (problem !== undefined) return { status: 'refused', why: problem };
  const { golden, classes } = stored.manifest;
  try {
    const scorer = await args.openScorer({
      path: stored.path,
      sha256: release.sha256,
      sample: columnsOfRecords(
        golden.rows.map((row) => ({ ...row.numeric, ...row.categorical })),
        stored.manifest.inputs,
      ),
      expected: Float32Array.from(golden.rows.flatMap((row) => row.prediction)),
      tolerance: golden.tolerance,
      ...(classes === undefined ? {} : { classes }),
    });
    return { status: 'loaded', scorer };
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'MODEL_REJECTED') {
      return { status: 'refused', why: error.message };
    }
    throw error;
  }
}

function checkManifest(manifest: Manifest, release: Release, contract: Contract): string | undefined {
  if (manifest.model !== release.model || manifest.version !== release.version) {
    return `the manifest is about ${manifest.model} ${manifest.version}`;
  }
  if (manifest.golden.rows.length === 0) return 'the manifest has no golden rows to try it on';
  const { task = 'classification', classes = [] } = manifest;
  const misfit = answerProblem(contract, task === 'multiclass' ? { kind: task, classes } : { kind: task });
  if (misfit !== undefined) return `it answers ${ANSWERS[task]}: ${misfit}`;
  const known = new Map(modelInputs(contract).inputs.map((input) => [input.name, input.kind]));
  const strange = manifest.inputs.find((input) => known.get(input.name) !== input.kind);
  if (strange === undefined) return undefined;
  return `it reads the ${strange.kind} feature ${strange.name}, which the serving contract does not have`;
}

const ANSWERS: Readonly<Record<Task, string>> = {
  classification: 'a probability',
  regression: 'a number',
  multiclass: 'classes',
};
