import { FOREVER, type Topic } from './topic.ts';

export const deadLetters = {
  name: 'dead-letters',
  key: 'topic-partition-offset',
  partitions: 1,
  retentionMs: FOREVER,
  cleanup: 'delete',
  subject: 'dead-letters-value',
  compatibility: 'BACKWARD',
  doc: 'Messages that could not be stored, with the reason and the raw bytes',
} as const satisfies Topic;
