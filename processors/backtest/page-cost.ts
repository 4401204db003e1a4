import type { Page } from './replay.ts';

/**
 * What an incident costs in the metric of the model: log-loss beyond the usual, summed over its rows, in nats.
 * `realised` from labels; `estimated` from the entropy of the predictions where there are none, which is right while
 * predictions are calibrated and blind to a changed relation of x and y.
 */
export type PageCost =
  | {
      readonly status: 'ok';
      readonly metric: 'log-loss';
      readonly nats: number;
      readonly basis: 'realised' | 'estimated';
      /** Labels or predictions that it is summed over. */
      readonly n: number;
    }
  | { readonly status: 'insufficient'; readonly why: string };

/** Sums over one window of a file. */
export interface WindowLoss {
  readonly startMs: number;
  readonly n: number;
  readonly loss: number;
}

/**
 * Cost of a page over files: its windows against all others of the same file. Labels are asked first; concept drift is
 * never estimated from predictions, since these do not know of it.
 */
export function pageCost(args: {
  page: Page;
  /** Log-loss of label windows, and what predictions imply per serving window; empty without either. */
  realised: readonly WindowLoss[];
  estimated: readonly WindowLoss[];
}): PageCost {
  const { page, realised, estimated } = args;
  const known = excessOf(page, realised);
  if (known !== undefined) return { status: 'ok', metric: 'log-loss', basis: 'realised', ...known };
  const implied = page.incident.kind === 'concept-drift' ? undefined : excessOf(page, estimated);
  if (implied !== undefined) return { status: 'ok', metric: 'log-loss', basis: 'estimated', ...implied };
  if (realised.length === 0 && estimated.length === 0)
    return { status: 'insufficient', why: 'neither labels nor predictions in the files' };
  return { status: 'insufficient', why: 'no labels or predictions both within its windows and outside' };
}

/** In words, as the last part of a line. */
export function sayCost(cost: PageCost): string {
  if (cost.status === 'insufficient') return `cost insufficient: ${cost.why}`;
  const { nats, n, basis } = cost;
  const rows = basis === 'realised' ? 'labels' : 'predictions, estimated';
  return `cost ${nats < 0 ? '' : '+'}${Number(nats.toPrecision(3))} nats of log-loss over ${n} ${rows}`;
}

function excessOf(page: Page, windows: readonly WindowLoss[]): { nats: number; n: number } | undefined {
  const inside = ({ startMs }: WindowLoss) => startMs >= page.incident.beganMs && startMs < page.untilMs;
  const during = sumOf(windows.filter(inside));
  const usual = sumOf(windows.filter((one) => !inside(one)));
  if (during.n === 0 || usual.n === 0) return undefined;
  return { nats: during.loss - (during.n * usual.loss) / usual.n, n: during.n };
}

function sumOf(windows: readonly WindowLoss[]): { n: number; loss: number } {
  return windows.reduce((total, { n, loss }) => ({ n: total.n + n, loss: total.loss + loss }), {
    n: 0,
    loss: 0,
  });
}
