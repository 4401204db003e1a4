import type { Analysis } from '../../src/core/analysis/analysis.ts';
import { addToSample, type RowSample } from '../../src/core/analysis/sample-rows.ts';
import { addScores, scoresResult, startScores } from '../../src/core/analysis/streamed-scores.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { murmurHash } from '../../src/core/models/murmur-hash.ts';
import { columnsOfDataset } from '../../src/core/models/scoring-columns.ts';
import { mix32 } from '../../src/core/random.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';
import { analyseVersion, labelledSince, nothingLabelled } from './analyse-version.ts';

/**
 * Analyses a version on any number of labelled rows, which come in blocks and once: metrics with their intervals,
 * confusion, calibration and residuals are of all rows; slices, importance, dependence, fairness and worst rows are of a
 * sample of at most `most` rows, chosen by their ids alone. What is kept in memory does not grow with the rows.
 */
export async function analyseServed(args: {
  blocks: AsyncIterable<Examples>;
  /** Opens the version, given some rows to try it on. */
  openScorer: (rows: Dataset) => Promise<Scorer>;
  groups: readonly string[];
  seed: number;
  most?: number;
}): Promise<Analysis> {
  const { seed } = args;
  const scores = startScores({ seed });
  let sample: RowSample = { most: args.most ?? MOST, rows: undefined };
  let scorer: Scorer | undefined;
  let [fromMs, untilMs] = [Number.POSITIVE_INFINITY, 0];
  try {
    for await (const block of args.blocks) {
      const labelled = labelledSince(block, 0);
      const { ids, eventTimesMs, dataset } = labelled;
      if (dataset.rows === 0) continue;
      scorer ??= await args.openScorer(dataset);
      const predictions = await scorer.score(columnsOfDataset(dataset, scorer.inputs));
      const hashes = Float64Array.from(ids, (id) => murmurHash(id));
      addScores(scores, { predictions, labels: dataset.label, eventTimesMs, hashes });
      // Not the hash that draws: a sample must not take part in some draws more than in others.
      sample = addToSample(sample, { ...labelled, hashes: hashes.map((hash) => mix32(hash ^ SAMPLED)) });
      for (const ms of eventTimesMs) {
        fromMs = Math.min(fromMs, ms);
        untilMs = Math.max(untilMs, ms);
      }
    }
    if (scorer === undefined || sample.rows === undefined) throw nothingLabelled();
    const explained = await analyseVersion({ examples: sample.rows, scorer, groups: args.groups, seed });
    return { ...explained, ...scoresResult(scores), fromMs, untilMs };
  } finally {
    await scorer?.close();
  }
}

const MOST = 50_000;
const SAMPLED = 0x5bd1e995;
