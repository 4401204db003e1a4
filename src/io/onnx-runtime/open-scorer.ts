import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ScoringColumns } from '../../core/models/scoring-columns.ts';
import { DriftwatchError } from '../../errors.ts';
import { loadScorer } from './load-scorer.ts';
import { probeModel } from './probe.ts';
import type { Scorer } from './scorer.ts';

export interface OpenScorerArgs {
  readonly path: string;
  /** Hash the file must have; its own when not given. */
  readonly sha256?: string;
  /** Rows that a child process scores before the file is loaded here. */
  readonly sample: ScoringColumns;
  /** Names of the classes, for a model that answers with their probabilities. */
  readonly classes?: readonly string[];
  /** What the model must answer to the sample, where it is known; row after row. */
  readonly expected?: Float32Array;
  readonly tolerance?: number;
}

/**
 * A model file ready to score, after its hash, the checks on the file and a trial in a child process.
 * Throws MODEL_REJECTED with the reasons for a file that is not to be trusted.
 */
export async function openScorer(args: OpenScorerArgs): Promise<Scorer> {
  const bytes = await readFile(args.path).catch((cause: unknown) => {
    throw rejected(`it cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  });
  const sha256 = args.sha256 ?? createHash('sha256').update(bytes).digest('hex');
  const probed = await probeModel({
    bytes,
    sha256,
    golden: {
      columns: args.sample,
      ...(args.expected === undefined ? {} : { expected: args.expected }),
      ...(args.tolerance === undefined ? {} : { tolerance: args.tolerance }),
    },
  });
  if (probed.status === 'refused') throw rejected(probed.reasons.join('; '));
  return loadScorer({ bytes, sha256, ...(args.classes === undefined ? {} : { classes: args.classes }) });
}

function rejected(why: string, cause?: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `The model file was rejected: ${why}.`,
    next: 'Train and release the version again; the one that serves stays in place.',
    cause,
  });
}
