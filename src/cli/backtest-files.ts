import { readFileSync } from 'node:fs';
import { inferView } from '../../processors/backtest/infer-view.ts';
import { openReferenceReplay } from '../../processors/backtest/replay-reference.ts';
import {
  eventTimes,
  type RowWindow,
  windowsOfRows,
  windowsOfTime,
} from '../../processors/backtest/row-windows.ts';
import type { Verdict } from '../../processors/detect/verdict.ts';
import { parseDefinition } from '../core/avro/definition.ts';
import { type Contract, STREAMS } from '../core/contract/contract.ts';
import { parseContract } from '../core/contract/parse-contract.ts';
import type { Table } from '../core/windows/column.ts';
import { parseDuration } from '../core/windows/duration.ts';
import { DriftwatchError } from '../errors.ts';
import { readTable } from '../io/files/table/read-table.ts';
import type { BacktestFlags } from './backtest.ts';
import { printCurve } from './backtest-curve.ts';
import type { Output } from './backtest-run.ts';

/** `--reference A --current B --window N`: prints a line per window and feature, then the totals. */
export async function replayFiles(flags: BacktestFlags, out: Output): Promise<void> {
  const { reference, current, window } = flags;
  if (reference === undefined || current === undefined || window === undefined)
    throw usage('--reference, --current and --window belong together');
  const [a, b] = [await readTable(reference), await readTable(current)];
  const contract = contractsOf(flags.contract ?? [])[0];
  const segments = flags.segment ?? [];
  const leave = [...segments, ...(flags.time === undefined ? [] : [flags.time])];
  const { view, leftOut } = inferView({
    table: a.table,
    features: flags.features ?? [],
    segments,
    leave,
    ...(contract === undefined ? {} : { contract }),
  });
  for (const { name, why } of [...a.leftOut, ...leftOut]) out.note(`Left out ${name}: ${why}.`);
  for (const { field } of view.features)
    if (!b.table.columns.has(field.name))
      out.note(`${current} has no column ${field.name}: it is not judged.`);

  const size = windowSize(window, flags);
  const windows = (table: Table): RowWindow[] =>
    flags.time === undefined || size.rows !== undefined
      ? windowsOfRows({ table, size: size.rows ?? 1, everyMs: flags.every, segments })
      : windowsOfTime({ table, times: eventTimes(table, flags.time), paneMs: size.paneMs, segments });
  const [referenceWindows, currentWindows] = [windows(a.table), windows(b.table)];
  // Few windows tell little about how much they differ.
  const pieces =
    flags.time === undefined && referenceWindows.length < PIECES
      ? windowsOfRows({ table: a.table, size: Math.ceil(a.table.rows / PIECES), everyMs: 1, segments: [] })
      : undefined;
  const replay = openReferenceReplay({
    view,
    reference: a.table,
    referenceWindows,
    ...(pieces === undefined ? {} : { referencePieces: pieces }),
    current: b.table,
    currentWindows,
    paneMs: size.paneMs,
    season: flags.season,
    budget: { falsePages: flags.falsePages, perMs: flags.per },
    limits: {
      paneMs: size.paneMs,
      minimumRows:
        flags.minimumRows ?? (size.rows === undefined ? 200 : Math.min(200, Math.ceil(size.rows / 2))),
      minimumWindows: flags.minimumWindows,
      effectFloor: { sd: flags.floorSd, share: flags.floorShare, distinct: flags.floorDistinct },
      closeAfter: 7,
    },
    groupWithinMs: 3 * size.paneMs,
    rows: flags.rows,
  });
  out.note(replay.says);

  if (flags.inject !== undefined) {
    printCurve({
      flags,
      out,
      inject: flags.inject,
      table: b.table,
      windows: currentWindows,
      judge: (instead) => replay.judge(instead),
    });
    return;
  }
  const result = replay.judge();
  const places = new Map(currentWindows.map(({ startMs }, index) => [startMs, index]));
  out.line({}, ['window', 'feature', 'segment', 'statistic', 'value', 'p', 'effect', 'verdict'].join('\t'));
  for (const verdict of result.verdicts) {
    const line = verdictLine(
      verdict,
      flags.time === undefined ? (places.get(verdict.windowStartMs) ?? 0) : undefined,
    );
    out.line(line, verdictWords(line));
  }
  const count = (name: string) => result.verdicts.filter(({ verdict }) => verdict === name).length;
  const totals = {
    windows: result.windows,
    features: view.features.length,
    drift: count('drift'),
    ok: count('ok'),
    insufficient: count('insufficient') + count('no-reference'),
    pages: result.pages.length,
    expected_false_pages: result.expectedFalsePages,
    budget: { false_pages: flags.falsePages, per: `${flags.per / 86_400_000}d` },
  };
  out.line(totals, JSON.stringify(totals));
}

/** A verdict as it is printed; a window of rows is its number, one of time its start. */
export function verdictLine(verdict: Verdict, index: number | undefined) {
  return {
    window: index ?? new Date(verdict.windowStartMs).toISOString(),
    feature: verdict.feature,
    segment: verdict.segment,
    statistic: verdict.statistic,
    value: verdict.value ?? null,
    p: verdict.pValue ?? null,
    effect: verdict.effect ?? null,
    effect_unit: verdict.effectUnit,
    verdict: verdict.verdict,
    n: verdict.n,
    m: verdict.m,
    evidence: verdict.evidence,
  };
}

function verdictWords(line: ReturnType<typeof verdictLine>): string {
  const short = (x: number | null) => (x === null ? '-' : String(Number(x.toPrecision(4))));
  return [
    line.window,
    line.feature,
    line.segment === '' ? '-' : line.segment,
    line.statistic,
    short(line.value),
    short(line.p),
    `${short(line.effect)} ${line.effect_unit}`.trim(),
    line.verdict,
  ].join('\t');
}

/** The contracts among Avro schema files, told apart by the roles of their fields. */
export function contractsOf(files: readonly string[]): Contract[] {
  return files.map((file) => {
    const parsed = parseDefinition(readText(file));
    if (parsed.status !== 'ok') throw badContract(file, parsed.problems);
    const { definition } = parsed;
    const answers = STREAMS.map((stream) =>
      parseContract({ model: modelOf(file), stream, topic: '', subject: file, definition }),
    );
    const [training, serving, labels] = answers;
    // A record of training satisfies what labels ask for too; one of serving satisfies neither.
    const fit = [serving, training, labels].find((answer) => answer?.status === 'ok');
    if (fit?.status === 'ok') return fit.contract;
    const fewest = answers.flatMap((answer) => (answer.status === 'invalid' ? [answer.problems] : []));
    throw badContract(file, fewest.sort((x, y) => x.length - y.length)[0] ?? []);
  });
}

/** Name of the model in STREAM.MODEL.avsc. */
function modelOf(file: string): string {
  const name = /(?:training|serving|labels)\.([A-Za-z][A-Za-z0-9_]*)\.avsc$/.exec(file)?.[1];
  return name ?? 'files';
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DriftwatchError({
      code: 'FILE_UNREADABLE',
      message: `Could not read ${file}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      next: 'Check the path and the permissions.',
      cause,
    });
  }
}

function windowSize(text: string, flags: BacktestFlags): { rows?: number; paneMs: number } {
  if (/^[1-9]\d{0,8}$/.test(text)) return { rows: Number(text), paneMs: flags.every };
  const paneMs = parseDuration(text);
  if (paneMs === undefined || paneMs <= 0)
    throw usage(`a window is a number of rows or a duration, not "${text}"`);
  if (flags.time === undefined)
    throw usage('a window of a duration needs the column of the time, with --time');
  return { paneMs };
}

function badContract(file: string, problems: readonly string[]): DriftwatchError {
  return new DriftwatchError({
    code: 'CONTRACT_INVALID',
    message: `${file} is not a contract: ${problems.join('; ')}.`,
    next: 'deploy/demo/schemas has examples.',
  });
}

export function usage(why: string): DriftwatchError {
  return new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The flags do not fit together: ${why}.`,
    next: 'See driftwatch backtest --help.',
  });
}

const PIECES = 10;
