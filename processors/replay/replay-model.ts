import { type Agreement, agreement } from '../../src/core/experiments/agreement.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { REPAIRS, type Repair, repairRows } from '../../src/core/models/repair.ts';
import { classAgreement } from '../../src/core/performance/class-agreement.ts';
import { likeliestClasses, scoresByClass } from '../../src/core/performance/class-scores.ts';
import { type MeanAnswer, meanAnswer } from '../../src/core/performance/mean-answer.ts';
import type { Measured } from '../../src/core/performance/measured.ts';
import { MEASURES, meanLossOf, reportedLosses } from '../../src/core/performance/reported-losses.ts';
import { DriftwatchError } from '../../src/errors.ts';
import { versionNumber } from '../train/choose-version.ts';
import type { DecidedVersion } from '../train/release.ts';
import { knownVersions } from '../train/versions.ts';
import type { Contracts, ReplayPorts } from './ports.ts';
import { readWindow, taskOf } from './read-window.ts';
import { scoreVersion } from './score-rows.ts';

/** One version on one past window. */
export interface Replay {
  readonly rows: number;
  /** Replayed against logged, on the rows that this version answered. */
  readonly own: Agreement;
  /** Replayed against logged, on the rows that other versions answered. */
  readonly others: Agreement;
  /** What the losses are: log-loss, or mean squared error of a model that answers with a number. */
  readonly measure: string;
  /** Loss on the labelled rows: as logged by whoever answered, and by this version. */
  readonly loggedLoss: Measured;
  readonly replayedLoss: Measured;
  readonly repaired?: {
    readonly changedRows: number;
    /** Repaired against replayed, on the rows whose feature the repair changed. */
    readonly moved: Agreement;
    readonly meanBefore: MeanAnswer;
    readonly meanAfter: MeanAnswer;
    /** Loss of the labelled rows among them, before and after the repair. */
    readonly lossBefore: Measured;
    readonly lossAfter: Measured;
  };
}

/** Scores a stored version on the served rows of a window of event time, as they were and, if asked, repaired. */
export async function replayModel(args: {
  ports: ReplayPorts;
  contracts: Contracts;
  version: string;
  fromMs: number;
  untilMs: number;
  repair?: Repair;
}): Promise<Replay> {
  const { ports, contracts, repair } = args;
  const known = await knownVersions(ports.clickhouse, contracts.serving.model);
  const version = known.find((one) => one.version === args.version && one.uri !== '');
  if (version === undefined) throw noVersion(args.version, known);
  const extra = repair?.where === undefined ? [] : [repair.where.field];
  const { fromMs, untilMs } = args;
  const task = taskOf(contracts);
  const classes = task.kind === 'multiclass' ? task.classes : undefined;
  const width = classes?.length ?? 1;
  const served = await readWindow({ ports, contracts, fromMs, untilMs, extra });
  const replayed = await scored(served.dataset, version);
  const positions = served.versions.map((_, row) => row);
  const mine = positions.filter((row) => served.versions[row] === args.version);
  const others = positions.filter((row) => served.versions[row] !== args.version);
  const logged = served.probabilities?.scores ?? served.predictions;
  const { label: labels } = served.dataset;
  return {
    rows: served.ids.length,
    own: compare({ logged, replayed, rows: mine }),
    others: compare({ logged, replayed, rows: others }),
    measure: MEASURES[task.kind],
    loggedLoss: lossOf(logged, positions),
    replayedLoss: lossOf(replayed, positions),
    ...(repair === undefined ? {} : { repaired: await repaired(repair, version) }),
  };

  async function scored(rows: Dataset, by: DecidedVersion): Promise<ArrayLike<number>> {
    const answers = await scoreVersion({ ports, version: by, rows });
    if (answers.task !== task.kind) throw otherTask(args.version);
    if (classes === undefined) return answers.scores;
    return scoresByClass(answers.scores, answers.classes ?? classes.slice(0, answers.width), classes);
  }

  function compare(
    of: Parameters<typeof agreement>[0] & { rows: readonly number[] },
    said: ArrayLike<number> = served.predictions,
  ): Agreement {
    return classes === undefined ? agreement(of) : classAgreement({ ...of, width, said });
  }

  function lossOf(scores: ArrayLike<number>, rows: readonly number[]): Measured {
    const losses = reportedLosses({ task, answers: { scores, width }, labels });
    return meanLossOf(Float64Array.from(rows, (row) => losses[row] ?? Number.NaN));
  }

  async function repaired(wanted: Repair, by: DecidedVersion): Promise<NonNullable<Replay['repaired']>> {
    const mended = repairRows(served.dataset, wanted);
    if (mended === undefined) throw noField(wanted);
    const after = await scored(mended.dataset, by);
    const before = served.dataset.numeric.find(({ name }) => name === wanted.feature)?.values ?? [];
    const now = mended.dataset.numeric.find(({ name }) => name === wanted.feature)?.values ?? [];
    const rows = positions.filter((row) => !Object.is(before[row], now[row]));
    // No changed row has no mean; 0 stands for it, as in JSON there is no NaN.
    const meanOf = (scores: ArrayLike<number>): MeanAnswer =>
      rows.length === 0 ? 0 : meanAnswer({ scores, width }, classes, rows);
    return {
      changedRows: mended.changed,
      moved: compare(
        { logged: replayed, replayed: after, rows },
        likeliestClasses({ scores: replayed, width }),
      ),
      meanBefore: meanOf(replayed),
      meanAfter: meanOf(after),
      lossBefore: lossOf(replayed, rows),
      lossAfter: lossOf(after, rows),
    };
  }
}

function noVersion(version: string, known: readonly { version: string; uri: string }[]): DriftwatchError {
  const stored = known.filter(({ uri }) => uri !== '').map((one) => one.version);
  stored.sort((a, b) => versionNumber(a) - versionNumber(b));
  return new DriftwatchError({
    code: 'NOT_YET',
    message: `There is no trained version ${version}; there are ${stored.join(', ') || 'none'}.`,
    next: 'Name one of them.',
  });
}

function otherTask(version: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `${version} does not answer what the contracts of the model ask for now.`,
    next: 'Name a version that was trained since the label changed.',
  });
}

function noField(repair: Repair): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${repair.feature} is no numeric feature of the served rows, or ${repair.where?.field ?? 'its condition'} no field of them.`,
    next: `Write --repair FEATURE=NAME or FEATURE=NAME:FIELD=VALUE; names are ${Object.keys(REPAIRS).join(', ')}.`,
  });
}
