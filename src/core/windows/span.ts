/** A stretch of event time, [fromMs, untilMs). */
export interface TimeSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Whether a window [startMs, startMs + paneMs) has any moment in common with one of the stretches. */
export function isWithinAny(startMs: number, paneMs: number, spans: readonly TimeSpan[]): boolean {
  return spans.some(({ fromMs, untilMs }) => startMs < untilMs && startMs + paneMs > fromMs);
}
