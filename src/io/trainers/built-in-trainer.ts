import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { DriftwatchError } from '../../errors.ts';
import { readOutput } from './read-output.ts';
import type { Trainer, TrainingJob } from './trainer.ts';

/**
 * Gradient boosting of histogram trees in a worker thread, so that the process goes on answering Kafka.
 * `settings` of the job are the options of trainGradientBoosting; names it does not know are refused.
 */
export function builtInTrainer(): Trainer {
  return {
    name: 'gradient-boosting',
    async train({ job, signal, onProgress }) {
      const failure = await runWorker({ job, signal, onProgress });
      signal.throwIfAborted();
      return failure === undefined ? readOutput(job.output) : { status: 'failed', reason: failure };
    },
  };
}

/** Resolves with the reason why there is no model, or undefined when there is one. */
function runWorker(args: {
  job: TrainingJob;
  signal: AbortSignal;
  onProgress(progress: Record<string, unknown>): void;
}): Promise<string | undefined> {
  const worker = new Worker(new URL('./built-in-trainer-worker.ts', import.meta.url), {
    workerData: args.job,
  });
  const stop = (): void => void worker.terminate();
  args.signal.addEventListener('abort', stop, { once: true });
  let failure: string | undefined;
  return new Promise<string | undefined>((resolve, reject) => {
    worker.on('message', (message: unknown) => {
      const refusal = REFUSAL.safeParse(message);
      if (refusal.success) failure = refusal.data.failed;
      else args.onProgress(PROGRESS.parse(message));
    });
    worker.once('error', (cause) => reject(broken(cause)));
    worker.once('exit', () => resolve(failure));
  }).finally(() => args.signal.removeEventListener('abort', stop));
}

function broken(cause: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The built-in trainer broke: ${cause instanceof Error ? cause.message : String(cause)}.`,
    next: 'This is a bug of driftwatch; the snapshot named in the log reproduces it.',
    cause,
  });
}

const REFUSAL = z.object({ failed: z.string() });
const PROGRESS = z.record(z.string(), z.unknown());
