import { parse } from 'yaml';
import { chanceColumns } from '../../processors/backtest/answered-rows.ts';
import { inferView } from '../../processors/backtest/infer-view.ts';
import { type PageCost, pageCost, sayCost } from '../../processors/backtest/page-cost.ts';
import type { Page } from '../../processors/backtest/replay.ts';
import { openModelReplay, type StreamRows } from '../../processors/backtest/replay-model.ts';
import { eventTimes, windowsOfTime } from '../../processors/backtest/row-windows.ts';
import { budgetOfModel, type PageBudget } from '../../processors/detect/error-budget.ts';
import type { Verdict } from '../../processors/detect/verdict.ts';
import { type ModelView, viewModel } from '../../processors/panes/model-view.ts';
import { type Config, type ModelConfig, parseConfig } from '../config.ts';
import { type Contract, STREAMS, type Stream } from '../core/contract/contract.ts';
import { fieldOf } from '../core/contract/model-inputs.ts';
import { readTable } from '../io/files/table/read-table.ts';
import type { BacktestFlags } from './backtest.ts';
import { printCurve } from './backtest-curve.ts';
import { contractsOf, readText, usage, verdictLine } from './backtest-files.ts';
import type { Output } from './backtest-run.ts';

/**
 * `--config FILE --data FILES`: prints what would have paged, when and at what cost, then the totals. Returns an
 * error with status 3 when more pages are to be expected than the budget of the configuration allows.
 */
export async function replayConfiguration(flags: BacktestFlags, out: Output): Promise<Error | undefined> {
  if (flags.config === undefined) throw usage('--data needs --config');
  const config = parseConfig(parse(readText(flags.config)), flags.config);
  const { name, settings } = modelOf(config, flags.model);
  const contracts = contractsOf(flags.contract ?? []);
  const files = await readStreams(flags, contracts, out);
  const view = viewOf({ name, settings, contracts, files, out, flags });
  const servingTimes = eventTimes(files.serving.table, files.serving.time);
  const split = trainedUntil({ flags, files, times: servingTimes, paneMs: settings.pane });
  const budget = budgetOfModel(config);
  const replay = openModelReplay({
    view,
    config: settings,
    budget,
    trained: { ...(files.training ?? files.serving), fromMs: Number.NEGATIVE_INFINITY, untilMs: split },
    serving: { ...files.serving, fromMs: files.training === undefined ? split : Number.NEGATIVE_INFINITY },
    ...(files.training === undefined ? {} : { training: files.training }),
    ...(files.labels === undefined || view.label === '' ? {} : { labels: files.labels }),
    performance: { logLoss: 0, rows: 0 },
    ...(flags.squaredError === undefined ? {} : { squaredError: flags.squaredError }),
  });
  if (flags.inject !== undefined) {
    const windows = windowsOfTime({
      table: files.serving.table,
      times: servingTimes,
      paneMs: settings.pane,
      segments: [],
      keep: (ms) => files.training !== undefined || ms >= split,
    });
    const { table } = files.serving;
    printCurve({
      flags,
      out,
      inject: flags.inject,
      table,
      windows,
      judge: (instead) => replay.judge(instead),
    });
    return undefined;
  }
  const result = replay.judge();
  if (flags.json)
    for (const verdict of result.verdicts)
      out.line({ kind: verdict.kind, ...verdictLine(verdict, undefined) }, '');
  const known = (flags.known ?? []).map(readRange);
  for (const page of result.pages) {
    const cost = pageCost({ page, realised: result.losses, estimated: result.implied });
    const line = pageLine({ page, verdicts: result.verdicts, cost, known });
    const about = `${line.summary}${line.known ? '  (known)' : ''}`;
    out.line(line, `${line.at}  ${line.severity}  ${about}; ${sayCost(cost)}`);
  }
  const replayedMs = result.windows * settings.pane;
  const unexplained = result.pages.filter(({ incident }) => !isKnown(incident.beganMs, known)).length;
  const expected = (unexplained * budget.perMs) / Math.max(budget.perMs, replayedMs);
  const count = (verdict: string) => result.verdicts.filter((one) => one.verdict === verdict).length;
  const totals = {
    windows: result.windows,
    features: view.features.length,
    drift: count('drift'),
    ok: count('ok'),
    insufficient: count('insufficient') + count('no-reference'),
    pages: result.pages.length,
    known_pages: result.pages.length - unexplained,
    expected_pages: expected,
    expected_false_pages: result.expectedFalsePages,
    budget: budgetWords(budget),
  };
  out.line(totals, JSON.stringify(totals));
  return expected > budget.falsePages ? overBudget(expected, totals.budget) : undefined;
}

type Files = { readonly serving: StreamRows } & Partial<Record<'training' | 'labels', StreamRows>>;

async function readStreams(
  flags: BacktestFlags,
  contracts: readonly Contract[],
  out: Output,
): Promise<Files> {
  const maps = contracts.flatMap((contract) => fieldOf(contract, 'probabilities')?.name ?? []);
  const found = new Map<Stream, StreamRows>();
  const time = flags.time ?? 'event_time';
  for (const entry of flags.data ?? []) {
    const stream = STREAMS.find((name) => entry.startsWith(`${name}=`));
    const path = stream === undefined ? entry : entry.slice(stream.length + 1);
    const { table, leftOut } = await readTable(path, { maps });
    for (const { name, why } of leftOut) out.note(`Left out ${name} of ${path}: ${why}.`);
    if (found.has(stream ?? 'serving')) throw usage('every stream has one file');
    found.set(stream ?? 'serving', { table, time });
  }
  const [serving, training, labels] = [found.get('serving'), found.get('training'), found.get('labels')];
  if (serving === undefined) throw usage('--data has no serving=FILE');
  return {
    serving,
    ...(training === undefined ? {} : { training }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/** With labels, what their losses need beside the columns of the contracts. */
function withLosses(view: ModelView, { serving, labels }: Files, flags: BacktestFlags): ModelView {
  if (labels === undefined) return view;
  if (view.task === 'regression' && flags.squaredError === undefined)
    throw usage(
      'labels of numbers need --squared-error, the mean squared error of the version on its validation rows',
    );
  if (view.task === 'multiclass' && chanceColumns(view, serving.table).size === 0)
    throw usage(
      `labels of classes need the probability of each class in the serving file, in a map ${view.probabilities} or columns ${view.probabilities}.CLASS`,
    );
  return view;
}

function viewOf(args: {
  name: string;
  settings: ModelConfig;
  contracts: readonly Contract[];
  files: Files;
  flags: BacktestFlags;
  out: Output;
}): ModelView {
  const { settings, contracts, files } = args;
  const of = (stream: Stream) => contracts.find((contract) => contract.stream === stream);
  const [training, serving, labels] = [of('training'), of('serving'), of('labels')];
  if (training !== undefined && serving !== undefined && labels !== undefined)
    return withLosses(
      viewModel({ training, serving, labels, segments: settings.segments }),
      files,
      args.flags,
    );
  if (files.training !== undefined || files.labels !== undefined)
    throw usage('with training or labels beside serving, give the three contracts with --contract');
  const contract = serving ?? training;
  const { view, leftOut } = inferView({
    table: files.serving.table,
    features: args.flags.features ?? [],
    segments: settings.segments,
    leave: [files.serving.time],
    ...(contract === undefined ? {} : { contract }),
  });
  for (const { name, why } of leftOut) args.out.note(`Left out ${name}: ${why}.`);
  return { ...view, model: args.name };
}

export function modelOf(config: Config, wanted: string | undefined): { name: string; settings: ModelConfig } {
  const names = Object.keys(config.models);
  const name = wanted ?? names[0] ?? '';
  const settings = config.models[name];
  if (settings === undefined || (wanted === undefined && names.length > 1))
    throw usage(`name one of the models ${names.join(', ')} with --model`);
  return { name, settings };
}

/** By default what came before the first serving row, or the first quarter of a single file. */
function trainedUntil(args: {
  flags: BacktestFlags;
  files: Files;
  times: Float64Array;
  paneMs: number;
}): number {
  const { flags, files } = args;
  if (flags.trainedUntil !== undefined) return readTime(flags.trainedUntil);
  const known = args.times.filter((ms) => !Number.isNaN(ms));
  if (known.length === 0) throw usage('no row has an event time');
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const ms of known) {
    if (ms < first) first = ms;
    if (ms > last) last = ms;
  }
  const at = files.training === undefined ? first + (last - first) / 4 : first;
  return Math.floor(at / args.paneMs) * args.paneMs;
}

function pageLine(args: {
  page: Page;
  verdicts: readonly Verdict[];
  cost: PageCost;
  known: readonly Range[];
}) {
  const { incident, atMs, untilMs } = args.page;
  const lasting = new Set<number>();
  for (const v of args.verdicts)
    if (v.windowStartMs >= incident.beganMs && v.windowStartMs < untilMs) lasting.add(v.windowStartMs);
  return {
    page: incident.id,
    at: new Date(atMs).toISOString(),
    began: new Date(incident.beganMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    windows: lasting.size,
    kind: incident.kind,
    severity: incident.severity,
    features: incident.features,
    segments: incident.segments,
    summary: incident.summary,
    known: isKnown(incident.beganMs, args.known),
    cost: args.cost,
  };
}

interface Range {
  readonly fromMs: number;
  readonly untilMs: number;
}

export function readRange(text: string): Range {
  const [from = '', until = ''] = text.split('/');
  return { fromMs: readTime(from), untilMs: readTime(until) };
}

export function isKnown(beganMs: number, known: readonly Range[]): boolean {
  return known.some(({ fromMs, untilMs }) => beganMs >= fromMs && beganMs < untilMs);
}

export function readTime(text: string): number {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw usage(`"${text}" is not a time such as 2024-03-01 or 2024-03-01T06:00:00Z`);
}

/** The budget of the model that is replayed, which is its part of the whole. */
export function budgetWords({ falsePages, perMs }: PageBudget): { false_pages: number; per: string } {
  return { false_pages: falsePages, per: `${perMs / 86_400_000}d` };
}

/** Scripts tell this from any other failure by the exit status. */
class OverBudget extends Error {
  readonly status = 3;
}

export function overBudget(expected: number, budget: { false_pages: number; per: string }): OverBudget {
  return new OverBudget(
    `${Number(expected.toPrecision(3))} pages are to be expected per ${budget.per} and the budget is ${budget.false_pages}. ` +
      'Raise the effect floors or the budget, or name what really happened with --known.',
  );
}
