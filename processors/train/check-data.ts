import type { LabelTask } from '../../src/core/contract/label-task.ts';
import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { checkTrainingData } from '../../src/core/training-data/check-training-data.ts';
import { type GateLimits, type GateVerdict, gateTrainingData } from '../../src/core/training-data/gate.ts';
import type { Manifest } from '../../src/io/files/manifest.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import { checkExamples, type ExamplePolicy } from './check-examples.ts';
import type { Split } from './split-by-time.ts';

/** What was found in the examples before training, as manifest and model_versions keep it. */
export type DataChecks = NonNullable<Manifest['data_checks']>;

/**
 * Whether examples may be trained on: that there are enough of them with both classes, then every check of
 * src/core/training-data, against what the champion was trained on where that can be read. Pure.
 * Ids count as leaked by the rows before the cut as they were stored, so also those that the split leaves out:
 * a trainer outside of driftwatch may not leave them out.
 */
export function checkData(args: {
  examples: Examples;
  split: Split;
  task: LabelTask;
  policy: ExamplePolicy & { readonly gate: GateLimits };
  before: ChampionData;
}): { readonly reasons: readonly string[]; readonly checks: DataChecks } {
  const { examples, split, task, policy, before } = args;
  const training = takeRows(examples.dataset, split.training);
  const validation = takeRows(examples.dataset, split.validation);
  const impossible = checkExamples({ training, validation, task, policy });
  const idOf = (row: number): string => examples.ids[row] ?? '';
  const timeOf = (row: number): number => examples.eventTimesMs[row] ?? Number.NaN;
  const measured = new Set(split.validation);
  const verdict = gateTrainingData(
    checkTrainingData({
      training,
      validation,
      task,
      absent: examples.absent ?? [],
      leastShare: Math.max(RARE, policy.gate.classShare),
      ids: {
        training: examples.ids.filter((_, row) => !measured.has(row)),
        validation: split.validation.map(idOf),
      },
      times: { trainingMs: split.training.map(timeOf), validationMs: split.validation.map(timeOf) },
      ...(before.status === 'read' ? { before: before.dataset } : {}),
    }),
    policy.gate,
  );
  // What makes rows impossible to train on makes the other checks say it again.
  const reasons = impossible.length > 0 ? impossible : verdict.reasons;
  return { reasons, checks: { ...describe(verdict, before), reasons: [...reasons] } };
}

/** What the serving version was trained on, or why that cannot be looked at. */
export type ChampionData =
  | { readonly status: 'read'; readonly version: string; readonly dataset: Dataset }
  | { readonly status: 'unread'; readonly why: string };

function describe(verdict: GateVerdict, before: ChampionData): Omit<DataChecks, 'reasons'> {
  return {
    checks: verdict.checks,
    compared_with: before.status === 'read' ? before.version : null,
    ...(before.status === 'read' ? {} : { not_compared: before.why }),
    warnings: verdict.warnings.map(({ status: _, ...finding }) => ({
      ...finding,
      numbers: { ...finding.numbers },
    })),
    insufficient: verdict.insufficient.map(({ status: _, ...result }) => result),
  };
}

/** A class with fewer of the rows is at least worth a look. */
const RARE = 0.01;
