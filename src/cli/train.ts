import { buildCommand, type CommandContext } from '@stricli/core';
import { startExperiments } from '../../processors/experiments/experiments.ts';
import type { FollowedModel, TestedModel } from '../../processors/experiments/ports.ts';
import { readTimes } from '../../processors/experiments/read-times.ts';
import { storeShadows } from '../../processors/experiments/store-shadows.ts';
import { loadContracts } from '../../processors/load-contracts.ts';
import { viewModel } from '../../processors/panes/model-view.ts';
import { openReceiptKeeper, RECEIPT_WINDOW_MS } from '../../processors/replay/keep-receipts.ts';
import type { Contracts } from '../../processors/replay/ports.ts';
import type { TrainableModel } from '../../processors/train/ports.ts';
import { startTrainer } from '../../processors/train/train.ts';
import { modelReleases } from '../../topics/index.ts';
import { isTested, type ModelConfig } from '../config.ts';
import type { Contract } from '../core/contract/contract.ts';
import { rawTableName } from '../core/contract/raw-table.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import { ensureRawTable } from '../io/clickhouse/ensure-raw-table.ts';
import { openModelStore } from '../io/files/model-store.ts';
import { readServedRows } from '../io/files/read-served-rows.ts';
import { readSnapshot } from '../io/files/read-snapshot.ts';
import { openScorer } from '../io/onnx-runtime/open-scorer.ts';
import type { Registry } from '../io/registry/registry.ts';
import { builtInTrainer } from '../io/trainers/built-in-trainer.ts';
import { commandTrainer } from '../io/trainers/command-trainer.ts';
import type { Trainer } from '../io/trainers/trainer.ts';
import { systemClock } from '../runtime/clock.ts';
import { openOutbox } from '../runtime/outbox.ts';
import { untilAnswered } from '../runtime/until-answered.ts';
import { crashPoint } from './crash-point.ts';
import { LOG_FILE_FLAG, loadSettings, SETTINGS_FLAGS, type SettingsFlags, wholeNumber } from './settings.ts';
import { signingKey, verifyingKey } from './signing-keys.ts';
import {
  abortedBy,
  CODE_VERSION,
  encodersOf,
  openPorts,
  prepareDatabase,
  prepareSystemTopics,
  untilSignal,
} from './wire.ts';

interface TrainFlags extends SettingsFlags {
  readonly logFile?: string;
  readonly trainer?: string;
  readonly trainerLimit: number;
}

/** `driftwatch train`: answers every retrain request with one release. */
export const command = buildCommand<TrainFlags, [], CommandContext>({
  docs: {
    brief: 'Train on request: snapshot, challenger against champion, release',
    fullDescription: [
      'Runs the trainer in the foreground until Ctrl-C or SIGTERM. Every record of retrain-requests gets one',
      'record on model-releases, accepted or rejected, with reasons. Of several trainers one works and the',
      'others stand by; one that is killed is followed by the next, and nothing is decided twice.',
      '',
      'Accepted versions of a model with a rollout (driftwatch.yaml) are tested on live traffic from here: steps,',
      'promotions and rollbacks are decided on the labels and put on model-releases. Each release gets its receipt',
      'when the labels of its first 28 days have come.',
      '',
      'The built-in trainer is gradient boosting. --trainer names any other command: it is started in an',
      'empty directory with the path of a job.json as its last argument, reads the Parquet snapshot named in',
      'it, and leaves model.onnx and metrics.json. Its words are split at spaces; there is no shell.',
      '',
      'KAFKA_BROKERS, SCHEMA_REGISTRY_URL, CLICKHOUSE_URL, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD (or',
      'CLICKHOUSE_PASSWORD_FILE) name outside systems; without them the embedded stack of --home is used.',
      'DRIFTWATCH_STORE is where models and snapshots are kept. DRIFTWATCH_SIGNING_KEY names a private ed25519 key that',
      'manifests are signed with, DRIFTWATCH_VERIFYING_KEY the public one that a champion must be signed for.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...SETTINGS_FLAGS,
      logFile: LOG_FILE_FLAG,
      trainer: {
        kind: 'parsed',
        parse: String,
        brief: 'Command that trains instead of the built-in trainer',
        placeholder: 'command',
        optional: true,
      },
      trainerLimit: {
        kind: 'parsed',
        parse: wholeNumber,
        brief: 'Seconds that a training by such a command may take',
        placeholder: 'seconds',
        default: '3600',
      },
    },
  },
  func: runTrain,
});

async function runTrain(this: CommandContext, flags: TrainFlags): Promise<Error | undefined> {
  const stopped = untilSignal();
  const crash = crashPoint(process.env['DRIFTWATCH_CRASH_AT']);
  try {
    const settings = loadSettings(flags);
    const ports = openPorts({
      settings,
      name: 'train',
      ...(flags.logFile === undefined ? {} : { logFile: flags.logFile }),
    });
    const { kafka, registry, codec, clickhouse, log, shutdown } = ports;
    try {
      const signal = abortedBy(stopped);
      const patiently = <T>(what: string, attempt: () => Promise<T>) =>
        untilAnswered({ what, attempt, clock: systemClock, log, signal });
      const records = await patiently('The start', async () => {
        await prepareDatabase(settings, clickhouse);
        return prepareSystemTopics({ kafka, registry });
      });
      const models = new Map<string, TrainableModel>();
      const followed = new Map<string, FollowedModel>();
      const receipted = new Map<string, { contracts: Contracts; labelDelayMs: number }>();
      for (const [model, config] of Object.entries(settings.config.models)) {
        const contracts = await patiently('The start', () => loadContracts({ registry, model }));
        const { training } = contracts;
        await patiently('The start', () => ensureRawTable({ clickhouse, contract: training }));
        models.set(model, trainableModel(training, config));
        const view = viewModel({ ...contracts, segments: config.segments });
        followed.set(model, isTested(config) ? { view, test: testedModel(view, config) } : { view });
        receipted.set(model, { contracts, labelDelayMs: config.label_delay });
      }
      const encoders = encodersOf({ records, codec, topics: [modelReleases] });
      const outbox = await patiently('The outbox', () =>
        openOutbox({
          clickhouse,
          kafka,
          encoders,
          source: '/driftwatch/train',
          exclusive: `driftwatch-train-${settings.config.database}`,
          log,
          ...crash,
        }),
      );
      shutdown.onClose('outbox', () => outbox.close());
      const store = openModelStore({
        directory: settings.store,
        signingKey: signingKey(),
        verifyingKey: verifyingKey(),
      });
      const trainer = await patiently('The trainer', () =>
        startTrainer({
          kafka,
          decode: (payload) => codec.decode(payload),
          outbox,
          models,
          // Decisions are in the database, so trainers that share one share the work.
          groupId: `driftwatch-train-${settings.config.database}`,
          ports: {
            clickhouse,
            store,
            trainer: trainerOf(flags),
            readSnapshot,
            openScorer,
            currentContract: (contract) => currentContract(registry, contract),
            log,
            codeVersion: CODE_VERSION,
          },
        }),
      );
      shutdown.onClose('trainer', () => trainer.stop());
      const times = (topics: readonly string[]) => readTimes(clickhouse, topics);
      const experimentPorts = {
        kafka,
        clickhouse,
        outbox,
        decode: (payload: Buffer) => codec.decode(payload),
        times,
        clock: systemClock,
        log,
        ...crash,
      };
      const receipts = openReceiptKeeper({
        ports: { clickhouse, store, openScorer, readRows: readServedRows },
        models: receipted,
        times,
        windowMs: RECEIPT_WINDOW_MS,
        log,
      });
      const experiments = await patiently('The experiments', () =>
        startExperiments({
          ports: experimentPorts,
          models: followed,
          onLook: async (model, known) => void (await receipts.look(model, known)),
          releases: modelReleases.name,
          groupId: `driftwatch-experiments-${settings.config.database}`,
          everyMs: LOOK_EVERY_MS,
        }),
      );
      shutdown.onClose('experiments', () => experiments.stop());
      if ([...followed.values()].some(({ test }) => test?.plan.shadow === true)) {
        const shadows = await patiently('The shadows', () =>
          storeShadows({
            ports: experimentPorts,
            groupId: `driftwatch-shadows-${settings.config.database}`,
          }),
        );
        shutdown.onClose('shadows', () => shadows.close());
      }
      log.info({ event: 'ready', models: [...models.keys()] }, 'The trainer is up');
      await stopped;
      return undefined;
    } finally {
      await shutdown.close();
    }
  } catch (error) {
    return new Error(sentence(error));
  }
}

function trainableModel(contract: Contract, config: ModelConfig): TrainableModel {
  const { retrain } = config;
  return {
    contract,
    table: rawTableName(contract),
    tested: isTested(config),
    policy: {
      validationDays: retrain.validation / DAY_MS,
      minimumRows: retrain.minimum_rows,
      minimumValidationRows: Math.max(100, Math.ceil(retrain.minimum_rows / 10)),
      minimumPositives: MINIMUM_POSITIVES,
      marginNats: MARGIN_NATS,
      gate: {
        leakedIds: retrain.gate.leaked_ids,
        classShare: retrain.gate.class_share,
        labelParity: retrain.gate.label_parity,
        unseenCategories: retrain.gate.unseen_categories,
      },
    },
    seed: SEED,
    settings: config.trainer,
  };
}

function testedModel(
  view: TestedModel['view'],
  { rollout, label_delay, disorder }: ModelConfig,
): TestedModel {
  return {
    view,
    plan: {
      shadow: rollout.shadow,
      steps: rollout.steps,
      minimumMs: rollout.minimum_time,
      minimumLabels: rollout.minimum_labels,
      endAfter: rollout.end_after,
    },
    tolerance: rollout.tolerance,
    labelDelayMs: label_delay,
    disorderMs: disorder.labels,
  };
}

function trainerOf(flags: TrainFlags): Trainer {
  const [program, ...words] = (flags.trainer ?? '').split(' ').filter((word) => word !== '');
  if (program === undefined) return builtInTrainer();
  return commandTrainer({
    command: [program, ...words],
    timeLimitMs: flags.trainerLimit * 1000,
    environment: process.env,
  });
}

/** What producers are registered to send now; undefined when nothing registered is a contract any more. */
async function currentContract(registry: Registry, { model }: Contract): Promise<Contract | undefined> {
  try {
    return (await loadContracts({ registry, model })).training;
  } catch (error) {
    if (error instanceof DriftwatchError && error.code === 'CONTRACT_INVALID') return undefined;
    throw error;
  }
}

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 10_000;
const MINIMUM_POSITIVES = 50;
/** A thousandth of a nat is less than any on-call person would notice; below it a release is only churn. */
const MARGIN_NATS = 0.001;
const SEED = 1;
