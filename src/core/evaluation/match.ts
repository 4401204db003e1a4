/** The alarms of one stream, sorted into what found a drift and what did not. */
export interface Match {
  /** One entry for each true drift: its first alarm, or null when it was missed. */
  readonly episodes: readonly Episode[];
  /** Further alarms inside an episode that was already found; neither right nor wrong. */
  readonly repeats: readonly number[];
  /** Alarms outside every episode. */
  readonly falseAlarms: readonly number[];
  /** Elements outside every episode, where an alarm would have been false. */
  readonly quietElements: number;
}

export interface Episode {
  readonly drift: number;
  readonly end: number;
  readonly alarm: number | null;
}

/**
 * Assigns alarms to true drifts. An episode runs from its drift to the next one, to the end of the
 * stream, or for `horizon` elements, whichever comes first: `[drift, end)`. The first alarm in it finds
 * the drift; an alarm before the first episode or after a horizon is false. An alarm just before a drift
 * does not excuse a detector that was reset by it: the drift still counts as missed or late.
 *
 * @param alarms 0-based indices, ascending.
 * @param drifts 0-based indices of the first element of each new concept, ascending.
 * @param length Number of elements of the stream.
 */
export function match(args: {
  alarms: readonly number[];
  drifts: readonly number[];
  length: number;
  horizon?: number;
}): Match {
  const { alarms, drifts, length } = args;
  const horizon = args.horizon ?? length;
  const spans = drifts.map((drift, i) => ({
    drift,
    end: Math.min(drifts[i + 1] ?? length, drift + horizon, length),
  }));
  const within = (span: { drift: number; end: number }): number[] =>
    alarms.filter((alarm) => alarm >= span.drift && alarm < span.end);
  return {
    episodes: spans.map((span) => ({ ...span, alarm: within(span)[0] ?? null })),
    repeats: spans.flatMap((span) => within(span).slice(1)),
    falseAlarms: alarms.filter((alarm) => !spans.some((span) => alarm >= span.drift && alarm < span.end)),
    quietElements: length - spans.reduce((sum, span) => sum + span.end - span.drift, 0),
  };
}
