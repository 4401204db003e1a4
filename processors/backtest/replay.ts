import { advanceIncidents, type IncidentState, NO_INCIDENTS } from '../../src/core/incidents/advance.ts';
import type { Incident } from '../../src/core/incidents/incident.ts';
import { CLOSE_FINDING_AFTER } from '../detect/evaluate.ts';
import { observationOf, type Verdict } from '../detect/verdict.ts';

/** What a replay said, in the order of stream time. */
export interface Replay {
  readonly verdicts: readonly Verdict[];
  readonly pages: readonly Page[];
  /** Windows of the inputs that were judged. */
  readonly windows: number;
  /** Pages that the tests made would give on average if nothing ever changed. An upper bound, from the budget. */
  readonly expectedFalsePages: number;
}

/** An incident that would have paged. */
export interface Page {
  readonly incident: Incident;
  /** Stream time at which it would have gone out. */
  readonly atMs: number;
  /** End of its last drifting window. */
  readonly untilMs: number;
}

/** Takes verdicts to incidents as the running system does, and remembers what would have paged. */
export function openPager(args: { groupWithinMs: number }): {
  take(verdicts: readonly Verdict[], streamTimeMs: number): void;
  pages(): Page[];
} {
  let state: IncidentState = NO_INCIDENTS;
  const opened = new Map<string, number>();
  return {
    take(verdicts, streamTimeMs) {
      const result = advanceIncidents({
        state,
        observations: verdicts.map(observationOf),
        streamTimeMs,
        groupWithinMs: args.groupWithinMs,
        closeAfter: CLOSE_FINDING_AFTER,
      });
      state = result.state;
      for (const { name, incident } of result.transitions)
        if (name === 'open') opened.set(incident.id, streamTimeMs);
    },
    pages() {
      return [...opened].flatMap(([id, atMs]) => {
        const incident = state.incidents.get(id);
        if (incident === undefined) return [];
        const findings = [...state.findings.values()].filter(({ incidentId }) => incidentId === id);
        const untilMs = Math.max(...findings.map(({ lastSeenMs }) => lastSeenMs));
        return [{ incident, atMs, untilMs }];
      });
    },
  };
}
