import { FOREVER, type Topic } from './topic.ts';

export const modelReleases = {
  name: 'model-releases',
  key: 'model',
  partitions: 1,
  retentionMs: FOREVER,
  cleanup: 'delete',
  subject: 'model-releases-value',
  compatibility: 'BACKWARD',
  doc: 'One record per decision on a trained version, accepted or rejected, and per decision on which versions answer',
} as const satisfies Topic;
