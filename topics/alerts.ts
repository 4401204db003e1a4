import { FOREVER, type Topic } from './topic.ts';

export const alerts = {
  name: 'alerts',
  key: 'incident id',
  partitions: 1,
  retentionMs: FOREVER,
  cleanup: 'delete',
  subject: 'alerts-value',
  compatibility: 'BACKWARD',
  doc: 'One record per transition of an incident',
} as const satisfies Topic;
