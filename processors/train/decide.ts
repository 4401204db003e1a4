import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { checkTrainingData } from '../../src/core/training-data/check-training-data.ts';
import type { TrainingJob } from '../../src/io/trainers/trainer.ts';
import { checkExamples } from './check-examples.ts';
import type { Snapshot } from './export-snapshot.ts';
import { type Champion, judge } from './judge.ts';
import { manifestOf } from './manifest-of.ts';
import { measure } from './measure.ts';
import type { RetrainRequest, TrainableModel, TrainPorts } from './ports.ts';
import type { DecidedVersion } from './release.ts';
import { servingChampion } from './serving-champion.ts';
import type { SnapshotFields, SnapshotPlan } from './snapshot-plan.ts';
import { type Split, splitByTime } from './split-by-time.ts';
import { trainCandidates } from './train-candidates.ts';
import type { VersionRow } from './versions.ts';

export type Decision =
  | { readonly status: 'decided'; readonly row: VersionRow }
  | { readonly status: 'impossible'; readonly reasons: readonly string[] };

interface Args {
  readonly ports: TrainPorts;
  readonly model: TrainableModel;
  readonly request: RetrainRequest;
  readonly plan: SnapshotPlan;
  readonly fields: Extract<SnapshotFields, { status: 'ok' }>;
  readonly snapshot: Snapshot;
  readonly known: readonly DecidedVersion[];
  readonly signal: AbortSignal;
}

/** Trains a challenger on a snapshot, measures it beside the champion, and stores it with its manifest. */
export async function decide(args: Args): Promise<Decision> {
  const { ports, model, plan, snapshot } = args;
  const examples = await ports.readSnapshot(snapshot.path, args.fields);
  const split = splitByTime({ ...examples, validationDays: model.policy.validationDays });
  const training = takeRows(examples.dataset, split.training);
  const validation = takeRows(examples.dataset, split.validation);
  const reasons = checkExamples({ training, validation, policy: model.policy });
  if (reasons.length > 0) return impossible(...reasons);
  warnOfFindings(args, { ids: examples.ids, split, training, validation });

  const job = (output: string, fromMs?: number): TrainingJob => jobOf(args, split, output, fromMs);
  const trained = await trainCandidates({ ...args, examples, split, validation, job });
  if (trained.status === 'failed') return impossible(trained.reason);
  const { challenger, onnx } = trained;

  const champion = await measureChampion(args, validation);
  const judgement = judge({ challenger, champion, policy: model.policy });
  const manifest = manifestOf({
    ...args,
    split,
    training: trained.training,
    validation,
    trained: trained.metrics,
    challenger,
    champion,
    judgement,
    trainer: ports.trainer.name,
    codeVersion: ports.codeVersion,
  });
  const { uri } = await ports.store.putVersion({ model: plan.model, version: plan.version, onnx, manifest });
  const decided = { version: plan.version, status: judgement.status, reasons: judgement.reasons, uri };
  ports.log.info({ event: 'train.decided', ...decided }, 'Challenger is decided on and stored');
  return {
    status: 'decided',
    row: {
      ...decided,
      plan,
      model: plan.model,
      requestId: plan.requestId,
      createdMs: args.request.requestedMs,
      parent: champion?.version ?? '',
      sha256: challenger.sha256,
      snapshotSha256: snapshot.sha256,
      logLossBefore: champion?.status === 'measured' ? champion.mean : null,
      logLossAfter: challenger.mean,
      logLossSd: challenger.sd,
      validationRows: validation.rows,
      config: {
        ...manifest.training.config,
        seed: model.seed,
        trainer: ports.trainer.name,
        ...(trained.fromMs === undefined ? {} : { train_from: new Date(trained.fromMs).toISOString() }),
      },
      metrics: {
        training: manifest.training.metrics,
        validation: manifest.validation,
        comparison: manifest.comparison,
      },
    },
  };
}

/** What is odd about examples that can be trained on: for a person to see, not a reason to refuse. */
function warnOfFindings(
  { ports, plan }: Args,
  {
    ids,
    split,
    training,
    validation,
  }: { ids: readonly string[]; split: Split; training: Dataset; validation: Dataset },
): void {
  const pick = (positions: readonly number[]): string[] => positions.map((at) => ids[at] ?? '');
  const shared = { training: pick(split.training), validation: pick(split.validation) };
  for (const result of checkTrainingData({ training, validation, ids: shared })) {
    if (result.status !== 'finding') continue;
    const { status: _, ...finding } = result;
    ports.log.warn(
      { event: 'train.finding', version: plan.version, ...finding },
      'Finding in the training data',
    );
  }
}

function jobOf(
  { model, plan, fields, snapshot }: Args,
  split: Split,
  output: string,
  fromMs?: number,
): TrainingJob {
  return {
    format: 1,
    request_id: plan.requestId,
    model: plan.model,
    version: plan.version,
    snapshot: { path: snapshot.path, sha256: snapshot.sha256, rows: plan.rows },
    fields: {
      id: fields.id,
      event_time: fields.eventTime,
      label: fields.label,
      numeric: fields.numeric,
      timestamps: fields.timestamps,
      categorical: fields.categorical,
    },
    train_before: new Date(split.cutMs).toISOString(),
    ...(fromMs === undefined ? {} : { train_from: new Date(fromMs).toISOString() }),
    seed: model.seed,
    settings: model.settings,
    output,
  };
}

/** The version that answers on the same rows; undefined when there is none. */
async function measureChampion(
  { ports, model, known }: Args,
  rows: Parameters<typeof measure>[0]['rows'],
): Promise<Champion | undefined> {
  const champion = await servingChampion(ports, model, known);
  if (champion === undefined) return undefined;
  const { version } = champion;
  const stored = await ports.store.readVersion(champion);
  if (stored.status === 'bad') return { status: 'refused', why: stored.why, version };
  return { ...(await measure({ openScorer: ports.openScorer, path: stored.path, rows })), version };
}

function impossible(...reasons: readonly string[]): Decision {
  return { status: 'impossible', reasons };
}
