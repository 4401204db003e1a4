import { z } from 'zod';
import type { LabelTask } from '../../src/core/contract/label-task.ts';
import { rawTableName } from '../../src/core/contract/raw-table.ts';
import { type PairedGain, pairedGain } from '../../src/core/experiments/paired-gain.ts';
import { type Receipt, writeReceipt } from '../../src/core/experiments/receipt.ts';
import { takeRows } from '../../src/core/models/dataset.ts';
import { meanSquaredError, type RowScores } from '../../src/core/performance/row-loss.ts';
import { isLabel, taskLosses } from '../../src/core/performance/task-losses.ts';
import { DriftwatchError } from '../../src/errors.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import { versionNumber } from '../train/choose-version.ts';
import type { DecidedVersion } from '../train/release.ts';
import { knownVersions } from '../train/versions.ts';
import type { Contracts, ReplayPorts } from './ports.ts';
import { name, readWindow, type ServedRows, taskOf } from './read-window.ts';
import { scoreVersion } from './score-rows.ts';

/** The receipt of one release with the numbers behind it. */
export interface ReceiptRow extends Receipt {
  readonly model: string;
  readonly version: string;
  readonly parent: string;
  readonly requestId: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly predicted: { readonly gain: number; readonly standardError: number } | undefined;
  readonly measured: PairedGain;
}

/**
 * A receipt for every accepted version that replaced another, or for `only` one: the parent is replayed on the rows
 * that the version answered in its first `windowMs`, and both are measured on those with a label, in nats by the loss that
 * the gate compared them by. Stored in model_receipts; computing one again replaces it, as more labels come.
 */
export async function computeReceipts(args: {
  ports: ReplayPorts;
  contracts: Contracts;
  windowMs: number;
  only?: string;
}): Promise<ReceiptRow[]> {
  const { ports, contracts, windowMs } = args;
  const { serving } = contracts;
  const task = taskOf(contracts);
  const known = await knownVersions(ports.clickhouse, serving.model);
  const accepted = known.filter(({ status }) => status === 'accepted');
  accepted.sort((a, b) => versionNumber(a.version) - versionNumber(b.version));
  const wanted = accepted.filter(
    ({ version, parent }) => parent !== '' && (args.only === undefined || version === args.only),
  );
  if (wanted.length === 0) return [];
  const back = await ports.clickhouse.rows('rolled-back', { model: serving.model }, ROLLED_BACK);
  const spans = await ports.clickhouse.rows(
    'version-spans',
    { version: name(serving.fields, 'version'), serving: rawTableName(serving) },
    SPAN,
  );
  const receipts: ReceiptRow[] = [];
  for (const released of wanted) {
    const parent = accepted.find(({ version }) => version === released.parent);
    if (parent === undefined) continue;
    const span = spans.find(({ version }) => version === released.version);
    const fromMs = span?.first ?? released.createdMs;
    const untilMs = fromMs + windowMs;
    const served = await readWindow({ ports, contracts, fromMs, untilMs, version: released.version });
    const { gain: measured, squaredErrors } = await measure({ ports, task, released, parent, served });
    const predicted = await predictedGain(ports, released);
    const rolledBack =
      back.some(({ version }) => version === released.version) ||
      accepted.some(
        (later) =>
          versionNumber(later.version) > versionNumber(released.version) && later.sha256 === parent.sha256,
      );
    receipts.push({
      ...writeReceipt({
        version: released.version,
        parent: parent.version,
        predicted,
        measured,
        rolledBack,
        ...(squaredErrors === undefined ? {} : { squaredErrors }),
      }),
      model: serving.model,
      version: released.version,
      parent: parent.version,
      requestId: released.requestId,
      fromMs,
      untilMs,
      predicted,
      measured,
    });
  }
  await ports.clickhouse.insert('model_receipts', receipts.map(rowOf));
  return receipts;
}

/**
 * One answer per id, the newest; both versions on the rows whose label is known, by the loss of their task, of numbers by
 * the variance that the gate compared them by.
 */
async function measure(args: {
  ports: ReplayPorts;
  task: LabelTask;
  released: DecidedVersion;
  parent: DecidedVersion;
  served: ServedRows;
}): Promise<{ gain: PairedGain; squaredErrors?: readonly [number, number] }> {
  const { ports, task, served } = args;
  const newest = new Map<string, number>();
  for (const [row, id] of served.ids.entries()) {
    const before = newest.get(id);
    const later =
      before === undefined || (served.eventTimesMs[row] ?? 0) >= (served.eventTimesMs[before] ?? 0);
    if (later) newest.set(id, row);
  }
  const { label } = served.dataset;
  const rows = [...newest.values()].filter(
    (row) => isLabel(task, label[row] ?? Number.NaN) && Number.isFinite(served.predictions[row]),
  );
  const kept = takeRows(served.dataset, rows);
  const parent = await scoreVersion({ ports, version: args.parent, rows: kept });
  const own = loggedAnswers(served, rows);
  const variance = task.kind === 'regression' ? await varianceOf(ports, args.released) : undefined;
  const losses = (answers: RowScores, classes?: readonly string[]): Float64Array =>
    taskLosses({ task, answers, classes, labels: kept.label, variance });
  const gain = pairedGain({
    parentLosses: losses(parent, parent.classes ?? classesOf(task, parent.width)),
    ownLosses: losses(own),
    days: rows.map((row) => Math.floor((served.eventTimesMs[row] ?? 0) / DAY_MS)),
  });
  if (task.kind !== 'regression') return { gain };
  const [before, after] = [parent, own].map(({ scores }) => meanSquaredError(scores, kept.label));
  return before === undefined || after === undefined ? { gain } : { gain, squaredErrors: [before, after] };
}

/** What was logged of some rows, as a scorer would have answered. */
function loggedAnswers({ predictions, probabilities }: ServedRows, rows: readonly number[]): RowScores {
  const { scores, width } = probabilities ?? { scores: predictions, width: 1 };
  return {
    scores: Float64Array.from(
      { length: rows.length * width },
      (_, at) => scores[(rows[Math.floor(at / width)] ?? 0) * width + (at % width)] ?? Number.NaN,
    ),
    width,
  };
}

/** Of a model whose manifest does not name its classes: the first of the label's, as when it was measured. */
function classesOf(task: LabelTask, width: number): readonly string[] | undefined {
  return task.kind === 'multiclass' ? task.classes.slice(0, width) : undefined;
}

/** Mean squared error of the version on its validation rows: what its errors and its parent's were divided by then. */
async function varianceOf(ports: ReplayPorts, { model, version }: DecidedVersion): Promise<number> {
  const [row] = await ports.clickhouse.rows('model-version', { model, version }, SQUARED_ERROR);
  if (row !== undefined && row.squared_error > 0) return row.squared_error;
  throw new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `model_versions does not say the squared error of ${version} on its validation rows.`,
    next: 'Receipts of numbers are for versions that the trainer has measured.',
  });
}

/** What the validation before the release promised; undefined when the manifest is gone or compared nothing. */
async function predictedGain(ports: ReplayPorts, released: DecidedVersion): Promise<ReceiptRow['predicted']> {
  const stored = await ports.store.readVersion(released);
  if (stored.status === 'bad' || stored.manifest.comparison === null) return undefined;
  const { improvement, standard_error: standardError } = stored.manifest.comparison;
  return { gain: improvement, standardError };
}

function rowOf(receipt: ReceiptRow): Record<string, unknown> {
  const { measured, predicted } = receipt;
  const ok = measured.status === 'ok' ? measured : undefined;
  const lacks = measured.status === 'insufficient' ? measured : undefined;
  return {
    model: receipt.model,
    version: receipt.version,
    parent: receipt.parent,
    request_id: receipt.requestId,
    verdict: receipt.verdict,
    reason: receipt.reason,
    window_start: new Date(receipt.fromMs).toISOString(),
    window_end: new Date(receipt.untilMs).toISOString(),
    labels: ok?.n ?? (lacks?.what === 'labels' ? lacks.have : 0),
    days: ok?.days ?? 0,
    predicted_gain: predicted?.gain ?? null,
    predicted_se: predicted?.standardError ?? null,
    measured_gain: ok?.gain ?? null,
    measured_se: ok?.standardError ?? null,
    gain_low: ok?.low ?? null,
    gain_high: ok?.high ?? null,
    parent_loss: ok?.parentLoss ?? null,
    own_loss: ok?.ownLoss ?? null,
    need: lacks?.need ?? 0,
    have: lacks?.have ?? 0,
  };
}

const DAY_MS = 86_400_000;
const ROLLED_BACK = z.object({ version: z.string() });
const SQUARED_ERROR = z.object({ squared_error: z.number() });
const SPAN = z.object({ version: z.string(), first: instant, last: instant, rows: count });
