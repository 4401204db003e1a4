import { extendReference, prepareReference, type Reference } from '../../src/core/evidence/reference.ts';
import type { Season } from '../../src/core/windows/pane.ts';
import { mergePanes } from '../../src/core/windows/pane-counts.ts';
import type { PaneWindow } from './references.ts';

/**
 * The earlier windows of one cell as the reference of data drift: a function of the windows alone.
 *
 * Up to 100 windows are learned anew every time, with the ranks of just these rows. Longer histories (hourly
 * windows with a daily season) keep the ranks of their first windows until a quarter more has come, so that each
 * new window is added to what is known instead of learning hundreds again.
 */
export function trailingReference(args: {
  windows: readonly PaneWindow[];
  kind: 'numeric' | 'categorical';
  season: Season;
  /** Windows kept; see `keepTrailing`. */
  keep: number;
  /** Start of the window that is judged. */
  untilMs: number;
}): Reference {
  const { windows, kind, season, keep, untilMs } = args;
  const firstMs = windows[0]?.startMs ?? untilMs;
  const id = `trailing:${new Date(firstMs).toISOString()}/${new Date(untilMs).toISOString()}`;
  if (keep <= LEARNED_ANEW) return prepareReference({ id, kind, season, frozen: false, windows });
  const ranked = rankedWindows(windows.length, keep);
  const [previous, newest] = [windows.at(-2), windows.at(-1)];
  const before = previous === undefined ? undefined : KNOWN.get(previous);
  const grows =
    before?.ranked === ranked &&
    before.season === season &&
    before.windows.length === windows.length - 1 &&
    before.windows.every((window, at) => window === windows[at]);
  const ranks = () => mergePanes(windows.slice(0, ranked).map(({ pane }) => pane));
  const reference =
    grows && newest !== undefined
      ? extendReference({ ...before.reference, id }, newest)
      : prepareReference({ id, kind, season, frozen: false, windows, ranks: ranks() });
  if (previous !== undefined) KNOWN.delete(previous);
  if (newest !== undefined) KNOWN.set(newest, { windows, ranked, season, reference });
  return reference;
}

/** The newest windows, `keep` of them; of a long history up to a quarter more, cut back to `keep` when it is full. */
export function keepTrailing<Window>(windows: readonly Window[], keep: number): readonly Window[] {
  if (keep > LEARNED_ANEW && windows.length < keep + Math.floor(keep / 4)) return windows;
  return windows.slice(-keep);
}

/** First windows whose rows define the ranks: twice as many as before whenever the history has doubled. */
function rankedWindows(have: number, keep: number): number {
  return have >= keep ? keep : 2 ** Math.floor(Math.log2(Math.max(1, have)));
}

/** Only saves work: the reference of the same windows without the newest, under the newest of them. */
const KNOWN = new WeakMap<PaneWindow, Known>();
interface Known {
  readonly windows: readonly PaneWindow[];
  readonly ranked: number;
  readonly season: Season;
  readonly reference: Reference;
}

/** Windows up to which learning them again costs little. */
export const LEARNED_ANEW = 100;
