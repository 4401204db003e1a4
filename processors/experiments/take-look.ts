import { z } from 'zod';
import { assignVersion } from '../../src/core/experiments/assign-version.ts';
import {
  EXPECTED_ERROR_LOSS,
  errorSequence,
  LARGEST_ERROR_LOSS,
} from '../../src/core/experiments/bounded-error.ts';
import {
  type GainInterval,
  type GainSums,
  SEQUENCE_DEFAULTS,
  type SequenceOptions,
} from '../../src/core/experiments/confidence-sequence.ts';
import { experimentGain } from '../../src/core/experiments/experiment.ts';
import type { Guardrail } from '../../src/core/experiments/guardrail.ts';
import type { RolloutLook, RolloutRun } from '../../src/core/experiments/rollout.ts';
import { type SampleRatio, sampleRatio } from '../../src/core/experiments/sample-ratio.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { Repeated } from '../../src/io/clickhouse/client.ts';
import { count, instant } from '../../src/io/clickhouse/columns.ts';
import type { ExperimentPorts, TestedModel } from './ports.ts';

/**
 * Reads what is known of a run when labels have got to `nowMs` of event time: SQL reduces answers, labels and shadow
 * predictions to sums, and the intervals are made of the sums here.
 */
export async function takeLook(args: {
  clickhouse: ExperimentPorts['clickhouse'];
  model: TestedModel;
  run: RolloutRun;
  nowMs: number;
  /** Begin of each stage where it is known; filled as stages begin. */
  begun: Map<string, number>;
}): Promise<RolloutLook> {
  const { model, run, nowMs, begun } = args;
  const stages = await begunStages(args);
  const newest = stages.find(({ index }) => index === run.stages.length - 1);
  if (stages.length === 0) return NOTHING_YET;
  const delays = DELAY_SHARES.map((share) => share * model.labelDelayMs);
  const judged = await judgedBy(args);
  const { options } = judged;
  const params = {
    model: model.view.model,
    champion: run.champion,
    challenger: run.challenger,
    id: model.view.id,
    version: model.view.version,
    label: model.view.label,
    serving: model.view.tables.serving,
    labels: model.view.tables.labels,
    shares: stages.map(({ share }) => share),
    from_ms: stages.map(({ fromMs }) => fromMs),
    until_ms: stages.map(({ untilMs }) => untilMs),
    since_ms: Math.min(...stages.map(({ fromMs }) => fromMs)),
    delays,
    now_ms: nowMs,
    expected: judged.expected,
    both: judged.both,
  };
  const sumsOf = (segment: string): Promise<Sums[]> =>
    args.clickhouse.rows(
      'experiment-sums',
      { ...params, segment: segment === '' ? model.view.version : segment, segment_name: segment },
      SUMS,
      judged.each,
    );
  const all = await sumsOf('');
  const cells: Sums[] = [];
  for (const segment of model.view.segments) cells.push(...(await sumsOf(segment)));
  const own =
    newest === undefined ? undefined : all.find(({ stage }) => stage === stages.indexOf(newest) + 1);
  return {
    gain: gainOf(all, delays, options),
    ratio: ratioOf(all, params.shares),
    guardrails: guardrailsOf({ cells, delays, options, tolerance: model.tolerance }),
    stageLabels: (own?.labels ?? []).reduce((sum, n) => sum + n, 0),
    stageMs:
      newest === undefined ? undefined : Math.max(0, nowMs - (begun.get(keyOf(run, newest.index)) ?? nowMs)),
  };
}

interface BegunStage {
  readonly index: number;
  readonly share: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * The stages whose share is in force, each from the first answer that shows it: one that the share before would not
 * have given to the challenger. Which answer that is depends on the draw alone, so leaving out those before it harms
 * no comparison; a server that takes up a step late does not count as a broken split.
 */
async function begunStages(args: Parameters<typeof takeLook>[0]): Promise<BegunStage[]> {
  const { run, begun } = args;
  const stages: BegunStage[] = [];
  for (const [index, { share, fromMs }] of run.stages.entries()) {
    const key = keyOf(run, index);
    const known = begun.get(key) ?? (await beginOf(args, index));
    if (known === undefined) continue;
    begun.set(key, known);
    const untilMs = run.stages[index + 1]?.fromMs ?? LAST_MS;
    stages.push({ index, share, fromMs: Math.max(known, fromMs), untilMs });
  }
  return stages.filter((stage) => stage.fromMs < stage.untilMs);
}

async function beginOf(args: Parameters<typeof takeLook>[0], index: number): Promise<number | undefined> {
  const { clickhouse, model, run } = args;
  const stage = run.stages[index];
  if (stage === undefined) return undefined;
  const { champion, challenger, experiment } = run;
  if (stage.share === 0) {
    const params = { model: model.view.model, challenger, from_ms: stage.fromMs };
    const [row] = await clickhouse.rows('experiment-shadowed', params, SHADOWED);
    return row === undefined || row.rows === 0 ? undefined : row.first;
  }
  const before = run.stages[index - 1]?.share ?? 0;
  const versions = [
    { version: champion, weight: 1 - before },
    { version: challenger, weight: before },
  ];
  const { id, version, tables } = model.view;
  const params = { id, version, serving: tables.serving, challenger, from_ms: stage.fromMs };
  const answers = await clickhouse.rows('experiment-answers', params, ANSWER);
  const first = answers.find((row) => assignVersion({ experiment, id: row.id, versions }) !== challenger);
  return first?.event_time;
}

function gainOf(rows: readonly Sums[], delays: readonly number[], options: SequenceOptions): GainInterval {
  const classes = delays.map((_, at): GainSums => {
    const add = (of: (row: Sums) => number | undefined): number =>
      rows.reduce((sum, row) => sum + (of(row) ?? 0), 0);
    const n = add((row) => row.labels[at]);
    return {
      n,
      weight: add((row) => row.weights[at]),
      total: add((row) => row.total[at]),
      squares: add((row) => row.squares[at]),
      cubes: add((row) => row.cubes[at]),
      fourths: add((row) => row.fourths[at]),
      reach: rows.reduce((most, row) => Math.max(most, row.reach[at] ?? 0), 0),
    };
  });
  const experiment = { options, delaysMs: delays, classes, tooLate: 0, losses: { n: 0, total: 0 } };
  return experimentGain(experiment, {
    answers: rows.reduce((sum, row) => sum + row.answers, 0),
    ripe: delays.map((_, at) => rows.reduce((sum, row) => sum + (row.ripe[at] ?? 0), 0)),
  });
}

/** The worst of the stages, each held to its part of the level. */
function ratioOf(rows: readonly Sums[], shares: readonly number[]): SampleRatio {
  const stages = rows.flatMap((row) => {
    const share = shares[row.stage - 1] ?? 0;
    if (share === 0) return [];
    const counts = { champion: row.champion_answers, challenger: row.challenger_answers };
    return [sampleRatio({ ...counts, share, level: RATIO_LEVEL / shares.length })];
  });
  const worst = stages.toSorted((a, b) => a.pValue - b.pValue)[0];
  return worst ?? { status: 'held', pValue: 1, n: 0 };
}

function guardrailsOf(args: {
  cells: readonly Sums[];
  delays: readonly number[];
  options: SequenceOptions;
  tolerance: number;
}): Guardrail[] {
  const bySegment = Map.groupBy(args.cells, ({ segment }) => segment);
  const largest = [...bySegment]
    .map(([segment, rows]) => ({
      segment,
      rows,
      answers: rows.reduce((sum, { answers }) => sum + answers, 0),
    }))
    .sort((a, b) => b.answers - a.answers || (a.segment < b.segment ? -1 : 1))
    .slice(0, MOST_SEGMENTS);
  const confidence = 1 - (1 - args.options.confidence) / Math.max(1, largest.length);
  return largest.map(({ segment, rows }) => ({
    name: `log-loss of ${segment}`,
    interval: gainOf(rows, args.delays, { ...args.options, confidence }),
    tolerance: args.tolerance,
  }));
}

interface Judged {
  readonly options: SequenceOptions;
  /** What a row is expected to lose, nats: known before the experiment, so it does not know the arm. */
  readonly expected: number;
  /** Only rows that both versions have scored count. */
  readonly both: boolean;
  /** How the statement reads answers and labels. */
  readonly each: Repeated;
}

/**
 * How losses are told and gains judged. Of classes as of 0 and 1: by the champion's own validation, and asymptotically.
 * Errors of numbers have a bound: the shares of the plan say how far a gain can reach, and with a shadow in the plan each
 * row is scored by both versions, or does not count.
 */
async function judgedBy({ clickhouse, model, run }: Parameters<typeof takeLook>[0]): Promise<Judged> {
  const { view, plan } = model;
  const { task, prediction, probabilities } = view;
  const champion = await baselineOf(clickhouse, view.model, run.champion);
  if (task !== 'regression') {
    const each: Repeated =
      task === 'multiclass' ? { classes: [{ probabilities }] } : { binary: [{ prediction }] };
    const options = { ...SEQUENCE_DEFAULTS, lossSd: champion.sd };
    return { options, expected: champion.mean, both: false, each };
  }
  const challenger = await baselineOf(clickhouse, view.model, run.challenger);
  const variance = challenger.squaredError || champion.squaredError;
  if (!(variance > 0)) throw nothingToCompareBy(run);
  const shares = [...plan.steps, ...run.stages.map(({ share }) => share)].filter((share) => share > 0);
  return {
    options: errorSequence({ lossSd: champion.sd, shares, scored: plan.shadow ? 'both' : 'one' }),
    expected: EXPECTED_ERROR_LOSS,
    both: plan.shadow,
    each: { number: [{ prediction, variance, most: LARGEST_ERROR_LOSS }] },
  };
}

/** What a version lost per row of its own validation. */
async function baselineOf(
  clickhouse: ExperimentPorts['clickhouse'],
  model: string,
  version: string,
): Promise<{ mean: number; sd: number; squaredError: number }> {
  const [row] = await clickhouse.rows('model-version', { model, version }, BASELINE);
  return {
    mean: row?.baseline_log_loss ?? 0.5,
    sd: row?.baseline_log_loss_sd || SEQUENCE_DEFAULTS.lossSd,
    squaredError: row?.squared_error ?? 0,
  };
}

function nothingToCompareBy({ champion, challenger }: RolloutRun): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `model_versions does not say the squared error of ${challenger} or ${champion} on validation rows.`,
    next: 'Numbers are compared by it: let the trainer measure the version, or roll the experiment back.',
  });
}

function keyOf(run: RolloutRun, index: number): string {
  return `${run.experiment}/${index}`;
}

/** Ends of the classes of label delay, as shares of the longest. */
const DELAY_SHARES = [1 / 48, 1 / 12, 1 / 4, 1];
const RATIO_LEVEL = 0.001;
const MOST_SEGMENTS = 20;
const LAST_MS = 8.64e15;
const NOTHING_YET: RolloutLook = {
  gain: { status: 'insufficient', need: SEQUENCE_DEFAULTS.minimum, have: 0 },
  ratio: { status: 'held', pValue: 1, n: 0 },
  guardrails: [],
  stageLabels: 0,
  stageMs: undefined,
};
const SUMS = z.object({
  stage: count,
  segment: z.string(),
  champion_answers: count,
  challenger_answers: count,
  answers: count,
  ripe: z.array(count),
  labels: z.array(count),
  weights: z.array(count),
  total: z.array(count),
  squares: z.array(count),
  cubes: z.array(count),
  fourths: z.array(count),
  reach: z.array(count),
});
type Sums = z.infer<typeof SUMS>;
const ANSWER = z.object({ id: z.string(), event_time: instant });
const SHADOWED = z.object({ first: instant, rows: count });
const BASELINE = z.object({
  baseline_log_loss: z.number().nullable(),
  baseline_log_loss_sd: z.number().nullable(),
  squared_error: z.number().optional(),
});
