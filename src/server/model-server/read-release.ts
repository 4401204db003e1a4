import { z } from 'zod';

/** What a server needs of a record of model-releases; undefined for a record that is none. */
export function readRelease(record: Record<string, unknown>): Release | undefined {
  const parsed = RECORD.safeParse(record);
  if (!parsed.success) return undefined;
  const number = Number(parsed.data.version.slice(1));
  return { ...parsed.data, number };
}

export interface Release {
  readonly model: string;
  readonly version: string;
  /** 7 for v7. */
  readonly number: number;
  readonly status: 'accepted' | 'rejected';
  readonly reasons: readonly string[];
  readonly uri: string;
  readonly sha256: string;
}

const RECORD = z.object({
  model: z.string(),
  version: z.string().regex(/^v[1-9][0-9]{0,14}$/),
  status: z.enum(['accepted', 'rejected']),
  reasons: z.array(z.string()),
  uri: z.string(),
  sha256: z.string(),
});
