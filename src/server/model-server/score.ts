import { columnsOfRecords } from '../../core/models/scoring-columns.ts';
import { type Answer, answersOf } from '../../core/performance/answers.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import type { Metrics } from './metrics.ts';

/**
 * Answers to plain records, by the version that is asked for or the one that serves now. A version stays
 * open until its answer is out, whatever is swapped meanwhile. Undefined when the version is not loaded.
 */
export async function score(args: {
  model: string;
  versions: LoadedVersions;
  version?: string;
  records: readonly Readonly<Record<string, unknown>>[];
  metrics: Metrics;
}): Promise<{ version: string; answers: readonly Answer[] } | undefined> {
  const { model, records, metrics } = args;
  const lease = args.versions.lease(args.version);
  if (lease === undefined) return undefined;
  try {
    const { scorer } = lease;
    const scores = await scorer.score(columnsOfRecords(records, scorer.inputs));
    metrics.count('driftwatch_model_predictions_total', { model, version: lease.version }, records.length);
    return { version: lease.version, answers: answersOf(scores, scorer.info.classes) };
  } finally {
    lease.release();
  }
}
