import type { Analysis } from '../../src/core/analysis/analysis.ts';
import { addToSample, type RowSample } from '../../src/core/analysis/sample-rows.ts';
import { addTaskScores, startTaskScores, taskScoresResult } from '../../src/core/analysis/task-scores.ts';
import type { LabelTask } from '../../src/core/contract/label-task.ts';
import type { Dataset } from '../../src/core/models/dataset.ts';
import { murmurHash } from '../../src/core/models/murmur-hash.ts';
import { mix32 } from '../../src/core/random.ts';
import type { Examples } from '../../src/io/files/read-snapshot.ts';
import type { Scorer } from '../../src/io/onnx-runtime/scorer.ts';
import { analyseVersion, labelledSince, nothingLabelled, YES_OR_NO } from './analyse-version.ts';
import { answersInOrder } from './answers-in-order.ts';
import { sayUnknownClasses } from './unknown-classes.ts';

/**
 * Analyses a version on any number of labelled rows, which come in blocks and once: metrics with their intervals,
 * confusion, calibration and residuals are of all rows; slices, importance, dependence, fairness and worst rows are of a
 * sample of at most `most` rows, chosen by their ids alone. What is kept in memory does not grow with the rows.
 */
export async function analyseServed(args: {
  blocks: AsyncIterable<Examples>;
  /** Opens the version, given some rows to try it on. */
  openScorer: (rows: Dataset) => Promise<Scorer>;
  /** What the label asks for; yes or no unless given. */
  task?: LabelTask;
  groups: readonly string[];
  seed: number;
  most?: number;
}): Promise<Analysis> {
  const { seed, task = YES_OR_NO } = args;
  const scores = startTaskScores({ task, seed });
  let sample: RowSample = { most: args.most ?? MOST, rows: undefined };
  let scorer: Scorer | undefined;
  let [fromMs, untilMs] = [Number.POSITIVE_INFINITY, 0];
  const [came, foreign] = [new Map<number, number>(), new Map<string, number>()];
  try {
    for await (const block of args.blocks) {
      for (const [label, rows] of block.foreignLabels ?? [])
        foreign.set(label, (foreign.get(label) ?? 0) + rows);
      const labelled = labelledSince(block, 0, task);
      const { ids, eventTimesMs, dataset } = labelled;
      if (dataset.rows === 0) continue;
      scorer ??= await args.openScorer(dataset);
      const predictions = await answersInOrder(scorer, task)(dataset);
      const hashes = Float64Array.from(ids, (id) => murmurHash(id));
      addTaskScores(scores, { predictions, labels: dataset.label, eventTimesMs, hashes });
      // Not the hash that draws: a sample must not take part in some draws more than in others.
      sample = addToSample(sample, { ...labelled, hashes: hashes.map((hash) => mix32(hash ^ SAMPLED)) });
      if (task.kind === 'multiclass')
        for (const label of dataset.label) came.set(label, (came.get(label) ?? 0) + 1);
      for (const ms of eventTimesMs) {
        fromMs = Math.min(fromMs, ms);
        untilMs = Math.max(untilMs, ms);
      }
    }
    if (scorer === undefined || sample.rows === undefined) throw nothingLabelled();
    const explained = await analyseVersion({
      examples: sample.rows,
      scorer,
      task,
      groups: args.groups,
      seed,
    });
    const unknown = sayUnknownClasses({ task, info: scorer.info, came, foreign });
    const leftOut = [...explained.leftOut, ...unknown];
    return { ...explained, ...taskScoresResult(scores), fromMs, untilMs, leftOut };
  } finally {
    await scorer?.close();
  }
}

const MOST = 50_000;
const SAMPLED = 0x5bd1e995;
