import { z } from 'zod';
import { isUuid } from '../../src/core/uuid.ts';
import type { RetrainRequest } from './ports.ts';

/** A decoded record of retrain-requests, checked; `bad` says in words what is wrong with it. */
export function readRequest(record: Record<string, unknown>): ReadRequest {
  const parsed = RECORD.safeParse(record);
  if (!parsed.success) {
    return { status: 'bad', why: z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ').trim() };
  }
  const { data } = parsed;
  return {
    status: 'ok',
    request: {
      requestId: data.request_id.toLowerCase(),
      model: data.model,
      incidentId: data.incident_id,
      cause: data.cause,
      requestedMs: data.requested,
      trainFromMs: data.train_from,
      trainUntilMs: data.train_until,
    },
  };
}

export type ReadRequest =
  | { readonly status: 'ok'; readonly request: RetrainRequest }
  | { readonly status: 'bad'; readonly why: string };

/** Instants beyond what ClickHouse stores cannot come from a stream. */
const time = z
  .int()
  .min(Date.UTC(1925, 0, 1))
  .max(Date.UTC(2280, 0, 1));
const RECORD = z.object({
  request_id: z.string().refine(isUuid, 'the request id is not a UUID'),
  model: z.string().min(1),
  incident_id: z.string().nullable(),
  cause: z.string(),
  requested: time,
  train_from: time,
  train_until: time,
});
