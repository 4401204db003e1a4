/**
 * A level that wanders about its usual value, seen through noise: an AR(1) plus white noise, and the Kalman filter that
 * says of every window what it adds to those before it.
 *
 * A window of rows shows its level with a known sampling variance (`noise`, that of a mean of so many rows). That noise
 * hides dependence: where it is half of the variance, an autocorrelation of .9 looks like one of .45, and what one
 * earlier window predicts leaves most of a long excursion unexplained. So the autocorrelation is divided by the
 * share of the variance that is no noise, and all earlier windows predict.
 * Deviations are taken from the level that is claimed and not from the mean of the windows: windows that all lie within
 * one excursion would otherwise look independent and narrow, and every window of the excursion like news.
 *
 * `rho` is rather too large than too small, by half a standard error, 0.97 at most: taken too low, dependence would pass
 * for evidence. Fewer than 8 windows cannot tell their dependence from chance and are taken as independent.
 * Misleads where a lasting change is among the windows: it is learned as wandering.
 * Source: Durbin and Koopman, Time Series Analysis by State Space Methods (2012), 2.2 and 4.3.
 */
export function fitWanderingLevel(args: {
  /** Means of windows less the level claimed, in order of time. */
  deviations: readonly number[];
  /** Mean sampling variance of these means. */
  noise: number;
}): WanderingLevel {
  const { deviations } = args;
  const n = deviations.length;
  const [variance, product] = [0, 1].map((lag) => productAt(deviations, lag));
  if (n < LEAST || variance === undefined || product === undefined || variance === 0) return STILL;
  // The mean is given, so the bias of the correlation is that of its denominator.
  const lagOne = product / variance / (1 - 2 / n);
  return wanderingLevel({ lagOne, windows: n, noise: args.noise / variance });
}

/** The same from what is known of past windows: their lag-one autocorrelation and the share of their variance that is noise. */
export function wanderingLevel(args: { lagOne: number; windows: number; noise: number }): WanderingLevel {
  const { windows } = args;
  if (windows < LEAST) return STILL;
  const lagOne = Math.min(LARGEST, Math.max(0, args.lagOne));
  const seen = lagOne + SAFETY * Math.sqrt((1 - lagOne * lagOne) / windows);
  const rho = Math.min(LARGEST, seen / Math.max(SMALLEST_SHARE, 1 - args.noise));
  // The share of the variance that wanders, so that the lag-one autocorrelation is as it was seen.
  const wanders = Math.min(1, seen / rho);
  const noise = 1 - wanders;
  const unknown = unknownOf({ rho, wanders, noise });
  return { rho, gain: unknown / (unknown + noise), news: unknown + noise };
}

export interface WanderingLevel {
  /** Autocorrelation of the level in neighbouring windows, 0 to 0.97. */
  readonly rho: number;
  /** Share of a window's news by which the level is taken to have moved, 0 to 1. */
  readonly gain: number;
  /** Variance of the news as a share of the variance of windows, above 0 to 1. */
  readonly news: number;
}

/** What each window adds to those before it, and the deviation to be expected of the window after them. */
export function newsOf(
  deviations: readonly number[],
  { rho, gain }: WanderingLevel,
): { news: readonly number[]; next: number } {
  let next = 0;
  const news = deviations.map((deviation) => {
    const added = deviation - next;
    next = rho * (next + gain * added);
    return added;
  });
  return { news, next };
}

/**
 * Variance of the level that earlier windows leave unknown, once the Kalman filter has settled: the positive root of its
 * Riccati equation.
 */
function unknownOf(args: { rho: number; wanders: number; noise: number }): number {
  const { rho, wanders, noise } = args;
  const innovation = wanders * (1 - rho * rho);
  const b = noise * (1 - rho * rho) - innovation;
  return (Math.sqrt(b * b + 4 * innovation * noise) - b) / 2;
}

function productAt(deviations: readonly number[], lag: number): number {
  let sum = 0;
  for (let at = lag; at < deviations.length; at += 1)
    sum += (deviations[at] ?? 0) * (deviations[at - lag] ?? 0);
  return sum / Math.max(1, deviations.length);
}

export const STILL: WanderingLevel = { rho: 0, gain: 0, news: 1 };
/** Windows below which their dependence cannot be told from chance. */
const LEAST = 8;
/** Standard errors added to an autocorrelation. */
const SAFETY = 0.5;
const LARGEST = 0.97;
/** Of the variance between windows at least this share wanders, whatever the rows say. */
const SMALLEST_SHARE = 0.05;
