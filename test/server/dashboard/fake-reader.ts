import type { DashboardReader } from '../../../src/server/dashboard/reader.ts';

/** A reader of an empty database, with some answers of its own. */
export function fakeReader(answers: Partial<DashboardReader> = {}): DashboardReader {
  return {
    progress: async () => [],
    accounting: async () => [],
    incidents: async () => [],
    incident: async () => [],
    findings: async () => [],
    requests: async () => [],
    versions: async () => [],
    heatmap: async () => [],
    segments: async () => [],
    features: async () => [],
    performance: async () => [],
    estimates: async () => [],
    verdicts: async () => [],
    verdict: async () => undefined,
    revisions: async () => [],
    lateRows: async () => 0,
    histogram: async () => undefined,
    catalogue: async () => [],
    ...answers,
  };
}
