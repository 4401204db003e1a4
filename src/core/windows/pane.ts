/** Start of the pane that holds an instant. Panes are aligned to 1970 and are [start, start + paneMs). */
export function paneOf(eventTimeMs: number, paneMs: number): number {
  return Math.floor(eventTimeMs / paneMs) * paneMs;
}

/** Starts of the panes from the one that holds `fromMs` to the last that ends at or before `untilMs`. */
export function panesBetween(args: { fromMs: number; untilMs: number; paneMs: number }): number[] {
  const starts: number[] = [];
  for (
    let start = paneOf(args.fromMs, args.paneMs);
    start + args.paneMs <= args.untilMs;
    start += args.paneMs
  ) {
    starts.push(start);
  }
  return starts;
}

/**
 * Seasonal class of a pane: windows are compared with past windows of the same class.
 * `day` is the hour of the day, `week` the day of the week (0 is Monday), `none` one class. All in UTC.
 */
export function seasonOf(paneStartMs: number, season: Season): number {
  if (season === 'day') return Math.floor(paneStartMs / HOUR) % 24;
  // 1 January 1970 was a Thursday.
  if (season === 'week') return (Math.floor(paneStartMs / DAY) + 3) % 7;
  return 0;
}

/** How many classes `seasonOf` tells apart. */
export const SEASON_CLASSES = { none: 1, day: 24, week: 7 } as const;
export const SEASONS = ['none', 'day', 'week'] as const;
export type Season = (typeof SEASONS)[number];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
