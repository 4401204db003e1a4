import { type Agreement, agreement } from '../../src/core/experiments/agreement.ts';
import { REPAIRS, type Repair, repairRows } from '../../src/core/models/repair.ts';
import { logLoss } from '../../src/core/performance/log-loss.ts';
import type { Measured } from '../../src/core/performance/measured.ts';
import { DriftwatchError } from '../../src/errors.ts';
import { versionNumber } from '../train/choose-version.ts';
import type { DecidedVersion } from '../train/release.ts';
import { knownVersions } from '../train/versions.ts';
import type { Contracts, ReplayPorts } from './ports.ts';
import { readWindow } from './read-window.ts';
import { scoreRows } from './score-rows.ts';

/** One version on one past window. */
export interface Replay {
  readonly rows: number;
  /** Replayed against logged, on the rows that this version answered. */
  readonly own: Agreement;
  /** Replayed against logged, on the rows that other versions answered. */
  readonly others: Agreement;
  /** Log-loss on the labelled rows: as logged by whoever answered, and by this version. */
  readonly loggedLoss: Measured;
  readonly replayedLoss: Measured;
  readonly repaired?: {
    readonly changedRows: number;
    /** Repaired against replayed, on the rows whose feature the repair changed. */
    readonly moved: Agreement;
    readonly meanBefore: number;
    readonly meanAfter: number;
    /** Log-loss of the labelled rows among them, before and after the repair. */
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
  const served = await readWindow({ ports, contracts, fromMs, untilMs, extra });
  const replayed = await scoreRows({ ports, version, rows: served.dataset });
  const positions = served.versions.map((_, row) => row);
  const own = positions.filter((row) => served.versions[row] === args.version);
  const others = positions.filter((row) => served.versions[row] !== args.version);
  const logged = served.predictions;
  const { label: labels } = served.dataset;
  return {
    rows: served.ids.length,
    own: agreement({ logged, replayed, rows: own }),
    others: agreement({ logged, replayed, rows: others }),
    loggedLoss: logLoss({ predictions: logged, labels }),
    replayedLoss: logLoss({ predictions: replayed, labels }),
    ...(repair === undefined ? {} : { repaired: await repaired(repair, version) }),
  };

  async function repaired(wanted: Repair, by: DecidedVersion): Promise<NonNullable<Replay['repaired']>> {
    const mended = repairRows(served.dataset, wanted);
    if (mended === undefined) throw noField(wanted);
    const after = await scoreRows({ ports, version: by, rows: mended.dataset });
    const before = served.dataset.numeric.find(({ name }) => name === wanted.feature)?.values ?? [];
    const now = mended.dataset.numeric.find(({ name }) => name === wanted.feature)?.values ?? [];
    const rows = positions.filter((row) => !Object.is(before[row], now[row]));
    const pick = (values: ArrayLike<number>): number[] => rows.map((row) => values[row] ?? Number.NaN);
    return {
      changedRows: mended.changed,
      moved: agreement({ logged: replayed, replayed: after, rows }),
      meanBefore: mean(pick(replayed)),
      meanAfter: mean(pick(after)),
      lossBefore: logLoss({ predictions: pick(replayed), labels: pick(labels) }),
      lossAfter: logLoss({ predictions: pick(after), labels: pick(labels) }),
    };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
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

function noField(repair: Repair): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${repair.feature} is no numeric feature of the served rows, or ${repair.where?.field ?? 'its condition'} no field of them.`,
    next: `Write --repair FEATURE=NAME or FEATURE=NAME:FIELD=VALUE; names are ${Object.keys(REPAIRS).join(', ')}.`,
  });
}
