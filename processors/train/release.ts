import { eventId } from '../../src/core/uuid.ts';
import type { OutboxEvent } from '../../src/runtime/outbox.ts';

/** A row of model_versions as far as a release repeats it. */
export interface DecidedVersion {
  readonly model: string;
  readonly version: string;
  readonly requestId: string;
  readonly status: 'accepted' | 'rejected';
  readonly reasons: readonly string[];
  /** Empty for the first version. */
  readonly parent: string;
  /** Stream time of the decision, milliseconds since 1970. */
  readonly createdMs: number;
  /** Empty when nothing could be trained, as `uri`. */
  readonly sha256: string;
  readonly uri: string;
  readonly logLossBefore: number | null;
  readonly logLossAfter: number | null;
  readonly validationRows: number;
}

/** The release that tells of a decision. A pure function of the row, so that a restart says the same again. */
export function releaseEvent(decided: DecidedVersion, topic: string): OutboxEvent {
  const releaseId = eventId('release', decided.requestId);
  return {
    eventId: releaseId,
    topic,
    key: decided.model,
    type: 'driftwatch.model-release',
    eventTimeMs: decided.createdMs,
    value: {
      release_id: releaseId,
      model: decided.model,
      version: decided.version,
      status: decided.status,
      reasons: decided.reasons,
      request_id: decided.requestId,
      parent: decided.parent === '' ? null : decided.parent,
      created: decided.createdMs,
      uri: decided.uri,
      sha256: decided.sha256,
      log_loss_before: decided.logLossBefore,
      log_loss_after: decided.logLossAfter,
      validation_rows: decided.validationRows,
    },
  };
}
