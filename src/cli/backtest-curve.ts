import { injectFault, parseFault } from '../../processors/backtest/inject-fault.ts';
import type { Replay } from '../../processors/backtest/replay.ts';
import type { RowWindow } from '../../processors/backtest/row-windows.ts';
import { seededRandom } from '../core/random.ts';
import type { Column, Table } from '../core/windows/column.ts';
import type { BacktestFlags } from './backtest.ts';
import { usage } from './backtest-files.ts';
import type { Output } from './backtest-run.ts';

/**
 * Replays with a fault in growing shares of the rows and prints, for each share, after how many windows it was
 * found (the window the fault begins in is the first), by what, and how many pages there were besides.
 */
export function printCurve(args: {
  flags: BacktestFlags;
  out: Output;
  inject: string;
  table: Table;
  windows: readonly RowWindow[];
  judge: (instead: ReadonlyMap<string, Column> | undefined) => Replay;
}): void {
  const { flags, out, windows } = args;
  const fault = parseFault(args.inject);
  const first = firstWindow(flags.from, windows);
  const fromMs = windows[first]?.startMs ?? 0;
  const affected = new Set(windows.slice(first).flatMap(({ rows }) => Array.from(rows)));
  const clean = drifting(args.judge(undefined), fault.column, fromMs);
  const shares = [...new Set([...SHARES, fault.share])].sort((a, b) => a - b);
  const began =
    flags.time === undefined && flags.config === undefined ? first : new Date(fromMs).toISOString();
  out.line(
    { inject: args.inject, from: began, windows_after: windows.length - first },
    ['share', 'windows until found', 'found by', 'pages'].join('\t'),
  );
  for (const share of shares) {
    const random = seededRandom(flags.seed);
    const instead = injectFault({
      table: args.table,
      fault,
      share,
      affects: (row) => affected.has(row),
      random,
    });
    const replay = args.judge(instead);
    // What was drifting without the fault is not found because of it.
    const found = replay.verdicts.find(
      (verdict) =>
        verdict.verdict === 'drift' &&
        verdict.windowStartMs >= fromMs &&
        instead.has(verdict.feature) &&
        !clean.has(`${verdict.kind}/${verdict.feature}/${verdict.segment}/${verdict.windowStartMs}`),
    );
    const at =
      found === undefined ? undefined : windows.findIndex(({ startMs }) => startMs === found.windowStartMs);
    const line = {
      share,
      windows_until_found: at === undefined ? null : at - first + 1,
      found_by:
        found === undefined ? null : { kind: found.kind, feature: found.feature, segment: found.segment },
      evidence: found?.evidence ?? null,
      pages: replay.pages.length,
    };
    const by =
      found === undefined
        ? '-'
        : `${found.kind} of ${found.feature}${found.segment === '' ? '' : ` for ${found.segment}`}`;
    out.line(line, [share, line.windows_until_found ?? 'not found', by, line.pages].join('\t'));
  }
}

function drifting(replay: Replay, column: string, fromMs: number): Set<string> {
  return new Set(
    replay.verdicts
      .filter((v) => v.verdict === 'drift' && v.feature === column && v.windowStartMs >= fromMs)
      .map((v) => `${v.kind}/${v.feature}/${v.segment}/${v.windowStartMs}`),
  );
}

function firstWindow(from: string | undefined, windows: readonly RowWindow[]): number {
  if (windows.length === 0) throw usage('there is no window to put a fault into');
  if (from === undefined) return Math.floor(windows.length / 2);
  const asTime = /^\d{1,9}$/.test(from) ? Number.NaN : Date.parse(from);
  const at = Number.isNaN(asTime) ? Number(from) : windows.findIndex(({ endMs }) => endMs > asTime);
  if (Number.isInteger(at) && at >= 0 && at < windows.length) return at;
  throw usage(`--from is a time or the number of a window (0 to ${windows.length - 1}), not "${from}"`);
}

const SHARES: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
