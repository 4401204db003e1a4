import { type Dataset, takeRows } from '../../src/core/models/dataset.ts';
import { binCalibration } from '../../src/core/performance/bin-calibration.ts';
import type { StoredVersion } from '../../src/io/files/model-store.ts';
import type { TrainingJob } from '../../src/io/trainers/trainer.ts';
import { championData } from './champion-data.ts';
import { checkData, type DataChecks } from './check-data.ts';
import type { Snapshot } from './export-snapshot.ts';
import { type Champion, judge } from './judge.ts';
import { manifestOf } from './manifest-of.ts';
import { type MeasuredModel, measure } from './measure.ts';
import type { RetrainRequest, TrainableModel, TrainPorts } from './ports.ts';
import type { DecidedVersion } from './release.ts';
import { servingChampion } from './serving-champion.ts';
import type { SnapshotFields, SnapshotPlan } from './snapshot-plan.ts';
import { type Split, splitByTime } from './split-by-time.ts';
import { trainCandidates } from './train-candidates.ts';
import type { VersionRow } from './versions.ts';

export type Decision =
  | { readonly status: 'decided'; readonly row: VersionRow }
  | {
      readonly status: 'impossible';
      readonly reasons: readonly string[];
      readonly metrics: Readonly<Record<string, unknown>>;
    };

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

/** Checks the rows of a snapshot, trains a challenger on them, measures it beside the champion, and stores it with its manifest. */
export async function decide(args: Args): Promise<Decision> {
  const { ports, model, plan, snapshot } = args;
  const examples = await ports.readSnapshot(snapshot.path, args.fields);
  const split = splitByTime({ ...examples, validationDays: model.policy.validationDays });
  const validation = takeRows(examples.dataset, split.validation);
  const champion = await readChampion(args);
  const before = await championData({ ports, champion: champion?.stored, fields: args.fields });
  const { task } = args.fields;
  const { reasons, checks } = checkData({ examples, split, task, policy: model.policy, before });
  logFindings(args, checks);
  if (reasons.length > 0) return impossible(reasons, checks);

  const job = (output: string, fromMs?: number): TrainingJob => jobOf(args, split, output, fromMs);
  const trained = await trainCandidates({ ...args, task, examples, split, validation, job });
  if (trained.status === 'failed') return impossible([trained.reason], checks);
  const { challenger, onnx } = trained;

  const measured =
    champion === undefined ? undefined : await measureChampion(args, champion, validation, challenger);
  const judgement = judge({ challenger, champion: measured, task: task.kind, policy: model.policy });
  const manifest = manifestOf({
    ...args,
    split,
    training: trained.training,
    validation,
    trained: trained.metrics,
    challenger,
    champion: measured,
    judgement,
    checks,
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
      parent: measured?.version ?? '',
      sha256: challenger.sha256,
      snapshotSha256: snapshot.sha256,
      logLossBefore: measured?.status === 'measured' ? measured.mean : null,
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
        data_checks: checks,
        ...(task.kind === 'classification'
          ? { calibration: binCalibration({ predictions: challenger.scores, labels: validation.label }) }
          : {}),
      },
    },
  };
}

/** What is odd about examples, whether they can be trained on or not. */
function logFindings({ ports, plan }: Args, { warnings, reasons, compared_with }: DataChecks): void {
  const about = { version: plan.version, compared_with };
  for (const finding of warnings) {
    ports.log.warn({ event: 'train.finding', ...about, ...finding }, 'Finding in the training data');
  }
  if (reasons.length > 0) {
    ports.log.warn({ event: 'train.gate', ...about, reasons }, 'The training data are refused');
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
      ...(fields.classes === undefined ? {} : { classes: fields.classes }),
    },
    task: fields.task.kind,
    train_before: new Date(split.cutMs).toISOString(),
    ...(fromMs === undefined ? {} : { train_from: new Date(fromMs).toISOString() }),
    seed: model.seed,
    settings: model.settings,
    output,
  };
}

interface StoredChampion {
  readonly version: string;
  readonly stored: StoredVersion;
}

/** The version that answers, as the store has it; undefined when there is none. */
async function readChampion({ ports, model, known }: Args): Promise<StoredChampion | undefined> {
  const champion = await servingChampion(ports, model, known);
  if (champion === undefined) return undefined;
  return { version: champion.version, stored: await ports.store.readVersion(champion) };
}

/** The champion on the same rows as the challenger. */
async function measureChampion(
  { ports, fields: { task } }: Args,
  { version, stored }: StoredChampion,
  rows: Dataset,
  challenger: MeasuredModel,
): Promise<Champion> {
  if (stored.status === 'bad') return { status: 'refused', why: stored.why, version };
  const { classes } = stored.manifest;
  const { variance } = challenger;
  const measured = await measure({
    openScorer: ports.openScorer,
    path: stored.path,
    rows,
    task,
    ...(classes === undefined ? {} : { classes }),
    ...(variance === undefined ? {} : { variance }),
  });
  return { ...measured, version };
}

function impossible(reasons: readonly string[], checks: DataChecks): Decision {
  return { status: 'impossible', reasons, metrics: { data_checks: checks } };
}
