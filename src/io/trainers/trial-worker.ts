import { parentPort, workerData } from 'node:worker_threads';
import { trainModel } from '../../core/models/train-model.ts';
import { evaluateCandidate } from '../../core/tuning/evaluate-candidate.ts';
import { timeFolds } from '../../core/tuning/time-folds.ts';
import { readSettings } from './built-in-settings.ts';
import type { TrialData, TrialOrder } from './trial-pool.ts';

/** A thread of openTrialPool: evaluates one candidate after the other on the rows it was started with. */
// Only openTrialPool starts this thread and sends to it.
const { examples, folds, seed, timestamps } = workerData as TrialData;
const cut = timeFolds({ ...examples, folds });

const features = { numeric: examples.dataset.numeric.map(({ name }) => name), timestamps };

parentPort?.on('message', ({ settings, share }: TrialOrder) => {
  const read = readSettings(settings, features);
  const evaluation =
    read.status === 'bad'
      ? { status: 'failed', why: read.why }
      : evaluateCandidate({
          dataset: examples.dataset,
          folds: cut,
          share,
          seed,
          train: (rows, random) => trainModel({ rows, settings: read.settings, random }),
        });
  parentPort?.postMessage(evaluation);
});
