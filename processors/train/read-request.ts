import { z } from 'zod';
import { isUuid } from '../../src/core/uuid.ts';
import type { RetrainRequest } from './ports.ts';

/** A decoded record of retrain-requests, checked; `bad` says in words what is wrong with it. */
export function readRequest(record: Record<string, unknown>): ReadRequest {
  const parsed = RECORD.safeParse(record);
  if (!parsed.success) {
    const why = z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ').trim();
    const about = ABOUT.safeParse(record);
    if (!about.success) return { status: 'bad', why };
    const { request_id: id, model, requested } = about.data;
    const requestedMs = requested === undefined ? {} : { requestedMs: requested };
    return { status: 'bad', why, about: { requestId: id.toLowerCase(), model, ...requestedMs } };
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
      ...(data.onset == null ? {} : { onsetMs: data.onset }),
    },
  };
}

export type ReadRequest =
  | { readonly status: 'ok'; readonly request: RetrainRequest }
  /** `about` is there when it can be told which request it is: then it can be rejected on the topic. */
  | { readonly status: 'bad'; readonly why: string; readonly about?: UnusableRequest };

export interface UnusableRequest {
  readonly requestId: string;
  readonly model: string;
  readonly requestedMs?: number;
}

/** Instants beyond what ClickHouse stores cannot come from a stream. */
const time = z
  .int()
  .min(Date.UTC(1925, 0, 1))
  .max(Date.UTC(2280, 0, 1));
const requestId = z.string().refine(isUuid, 'the request id is not a UUID');
const ABOUT = z.object({
  request_id: requestId,
  model: z.string().min(1),
  requested: time.optional().catch(undefined),
});
const RECORD = z.object({
  request_id: requestId,
  model: z.string().min(1),
  incident_id: z.string().nullable(),
  cause: z.string(),
  requested: time,
  train_from: time,
  train_until: time,
  /** Records of an older schema do not have it. */
  onset: time.nullish(),
});
