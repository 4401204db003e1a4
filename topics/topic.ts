/** What a Kafka topic promises its users. AsyncAPI is generated from these values. */
export interface Topic {
  readonly name: string;
  readonly key: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact';
  readonly subject: string;
  readonly compatibility: 'BACKWARD' | 'FULL' | 'NONE';
  readonly doc: string;
}

export const FOREVER = -1;
export const DAYS = 86_400_000;
