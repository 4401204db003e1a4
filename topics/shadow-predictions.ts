import { DAYS, type Topic } from './topic.ts';

export const shadowPredictions = {
  name: 'shadow-predictions',
  key: 'example id',
  partitions: 1,
  retentionMs: 30 * DAYS,
  cleanup: 'delete',
  subject: 'shadow-predictions-value',
  compatibility: 'BACKWARD',
  doc: 'One record per example that a shadow version scored beside the one that answered',
} as const satisfies Topic;
