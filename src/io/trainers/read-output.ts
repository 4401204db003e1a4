import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { METRICS_FILE, MODEL_FILE, TRAINER_METRICS, type TrainingOutcome } from './trainer.ts';

/** What a trainer left in its output directory, checked: bad or missing files are a reason, not an error. */
export async function readOutput(directory: string): Promise<TrainingOutcome> {
  const modelPath = join(directory, MODEL_FILE);
  const bytes = await sizeOf(modelPath);
  if (bytes === 0) return failed(`the trainer left no ${MODEL_FILE}`);
  if (bytes > LARGEST_MODEL) return failed(`${MODEL_FILE} has ${bytes} bytes, more than ${LARGEST_MODEL}`);
  const text = await readFile(join(directory, METRICS_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return failed(`the trainer left no ${METRICS_FILE}`);
  const metrics = TRAINER_METRICS.safeParse(parse(text));
  if (metrics.success) return { status: 'trained', modelPath, metrics: metrics.data };
  return failed(`${METRICS_FILE} does not say what it must: ${oneLine(z.prettifyError(metrics.error))}`);
}

function failed(reason: string): TrainingOutcome {
  return { status: 'failed', reason };
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : 0;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

const LARGEST_MODEL = 256 * 1024 * 1024;
