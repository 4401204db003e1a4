import type { ModelConfig } from '../../src/config.ts';
import { prepareReference, type Reference } from '../../src/core/evidence/reference.ts';
import { seasonOf } from '../../src/core/windows/pane.ts';
import { isWithinAny } from '../../src/core/windows/span.ts';
import type { PaneWindow } from './references.ts';
import { keepTrailing, trailingReference } from './trailing-reference.ts';

/** The settings that choose what data drift compares a window with. */
export type DriftReferenceConfig = Pick<ModelConfig, 'pane' | 'season' | 'trailing' | 'reference'>;

/**
 * What data drift compares a window of one cell with; see `driftWindows`. The rows of these windows alone are the
 * reference.
 */
export function driftReference(args: {
  windows: readonly PaneWindow[];
  kind: 'numeric' | 'categorical';
  config: DriftReferenceConfig;
  /** Start of the window that is judged. */
  startMs: number;
}): Reference {
  const { kind, config, startMs } = args;
  const { season, trailing: keep } = config;
  const { id, frozen, windows } = driftWindows(args);
  if (config.reference.drift === 'season')
    return prepareReference({ id, kind, season: 'none', frozen, windows });
  if (config.reference.drift === 'range') return prepareReference({ id, kind, season, frozen, windows });
  return trailingReference({ windows, kind, season, keep, untilMs: startMs });
}

/**
 * The windows that data drift compares a window with, of the earlier ones as `keepForDrift` kept them. `trailing`: the
 * newest ones. `season`: those among them of the same season as the window, the same weekday or hour. `range`: those of
 * a fixed stretch of time, which stay the reference.
 */
export function driftWindows<Window extends { readonly startMs: number }>(args: {
  windows: readonly Window[];
  config: DriftReferenceConfig;
  startMs: number;
}): { readonly id: string; readonly frozen: boolean; readonly windows: readonly Window[] } {
  const { windows, config, startMs } = args;
  const { season, trailing: keep, reference } = config;
  const said = (ms: number) => new Date(ms).toISOString();
  if (reference.drift === 'season') {
    const same = windows
      .slice(-keep)
      .filter((window) => seasonOf(window.startMs, season) === seasonOf(startMs, season));
    const id = `season:${said(same[0]?.startMs ?? startMs)}/${said(startMs)}`;
    return { id, frozen: false, windows: same };
  }
  if (reference.drift === 'range' && reference.range !== undefined) {
    const id = `range:${said(reference.range.fromMs)}/${said(reference.range.untilMs)}`;
    return { id, frozen: true, windows };
  }
  const id = `trailing:${said(windows[0]?.startMs ?? startMs)}/${said(startMs)}`;
  return { id, frozen: false, windows };
}

/** Earlier windows with the newest added, as far as `driftReference` will need them. Excluded ones never are. */
export function keepForDrift<Window extends { readonly startMs: number }>(args: {
  windows: readonly Window[];
  newest: readonly Window[];
  config: DriftReferenceConfig;
}): readonly Window[] {
  const { windows, config } = args;
  const { trailing, reference, pane } = config;
  const range = reference.drift === 'range' ? reference.range : undefined;
  const wanted = args.newest.filter(
    ({ startMs }) =>
      !isWithinAny(startMs, pane, reference.exclude) &&
      (range === undefined || (startMs >= range.fromMs && startMs + pane <= range.untilMs)),
  );
  if (wanted.length === 0) return windows;
  const all = [...windows, ...wanted];
  if (reference.drift === 'range') return all;
  return keepTrailing(all, trailing);
}
