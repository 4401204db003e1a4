import type { Stream } from '../src/core/contract/contract.ts';
import { alerts } from './alerts.ts';
import { deadLetters } from './dead-letters.ts';
import { modelReleases } from './model-releases.ts';
import { retrainRequests } from './retrain-requests.ts';
import { shadowPredictions } from './shadow-predictions.ts';
import { FOREVER, type Topic } from './topic.ts';

/** Topics that driftwatch itself writes. */
export const SYSTEM_TOPICS = [
  alerts,
  retrainRequests,
  modelReleases,
  deadLetters,
  shadowPredictions,
] as const satisfies readonly Topic[];

/** Topic that a model's records of one stream travel on. */
export function modelTopic(args: { model: string; stream: Stream; partitions: number }): Topic {
  const name = `${args.stream}.${args.model}`;
  return {
    name,
    key: 'example id',
    partitions: args.partitions,
    retentionMs: FOREVER,
    cleanup: 'delete',
    subject: `${name}-value`,
    compatibility: 'BACKWARD',
    doc: `${args.stream} records of the model ${args.model}`,
  };
}

export { alerts, deadLetters, modelReleases, retrainRequests, shadowPredictions };
