import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Evaluation } from '../../core/tuning/evaluate-candidate.ts';
import { DriftwatchError } from '../../errors.ts';
import type { Examples } from '../files/read-snapshot.ts';

/** Threads that evaluate hyperparameters with the built-in trainer, each with the rows of its own. */
export interface TrialPool {
  /** Waits for a free thread, and for the result. */
  run(order: TrialOrder): Promise<Evaluation>;
  close(): Promise<void>;
}

export interface TrialOrder {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Share of each fold's training rows, above 0 and up to 1. */
  readonly share: number;
}

export interface TrialData {
  readonly examples: Examples;
  readonly folds: number;
  readonly seed: number;
  /** Numeric features that are times in milliseconds since 1970. */
  readonly timestamps: readonly string[];
}

export function openTrialPool(args: TrialData & { threads: number }): TrialPool {
  const { threads, ...workerData } = args;
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./trial-worker.ts', import.meta.url), { workerData }),
  );
  const free = [...workers];
  const waiting: ((worker: Worker) => void)[] = [];
  const give = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(worker);
    else next(worker);
  };
  return {
    async run(order) {
      const worker = free.pop() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
      const answered = answerOf(worker);
      worker.postMessage(order);
      const evaluation = await answered;
      give(worker);
      return evaluation;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

async function answerOf(worker: Worker): Promise<Evaluation> {
  try {
    // `error` of the thread rejects; the thread answers with nothing but evaluations.
    const [evaluation]: Evaluation[] = await once(worker, 'message');
    if (evaluation !== undefined) return evaluation;
  } catch (cause) {
    throw broken(cause);
  }
  throw broken('it answered with nothing');
}

function broken(cause: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `A trial of the tuning broke: ${cause instanceof Error ? cause.message : String(cause)}.`,
    next: 'This is a bug of driftwatch; the journal keeps what is done, and the same command goes on from it.',
    cause,
  });
}
