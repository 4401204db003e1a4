import { FOREVER, type Topic } from './topic.ts';

export const retrainRequests = {
  name: 'retrain-requests',
  key: 'request id',
  partitions: 1,
  retentionMs: FOREVER,
  cleanup: 'delete',
  subject: 'retrain-requests-value',
  compatibility: 'BACKWARD',
  doc: 'One record per wanted training',
} as const satisfies Topic;
