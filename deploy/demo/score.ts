import { z } from 'zod';
import { DriftwatchError } from '../../src/errors.ts';
import { type DemoPorts, MODEL } from './ports.ts';

/** Asks the model server for predictions, a batch at a time; with `log` it has logged them when this resolves. */
export async function score(args: {
  ports: DemoPorts;
  examples: readonly Record<string, unknown>[];
  producer: string;
  log: boolean;
}): Promise<{ id: string; prediction: number; version: string }[]> {
  const { ports, examples, producer, log } = args;
  const predictions: z.infer<typeof ANSWER>['predictions'] = [];
  for (let at = 0; at < examples.length; at += BATCH) {
    ports.signal.throwIfAborted();
    const body = JSON.stringify({ examples: examples.slice(at, at + BATCH), producer, log, await_log: log });
    const response = await fetch(`${ports.serverUrl}/v1/models/${MODEL}/score-batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (!response.ok) throw refused(response.status, await response.text());
    predictions.push(...ANSWER.parse(await response.json()).predictions);
  }
  return predictions;
}

function refused(status: number, answer: string): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `The model server refused a batch (${status}): ${answer}`,
    next: 'Its log says more.',
  });
}

const ANSWER = z.object({
  predictions: z.array(z.object({ id: z.string(), prediction: z.number(), version: z.string() })),
});
const BATCH = 1_000;
