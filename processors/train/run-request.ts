import { followUpId } from '../../src/core/incidents/retrain-request-id.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { DriftwatchError, isAway } from '../../src/errors.ts';
import { chooseVersion } from './choose-version.ts';
import { decide } from './decide.ts';
import { exportSnapshot } from './export-snapshot.ts';
import { fixPlan } from './fix-plan.ts';
import type { RetrainRequest, TrainableModel, TrainPorts } from './ports.ts';
import type { DecidedVersion } from './release.ts';
import { contractChanges, type SnapshotPlan, snapshotFields } from './snapshot-plan.ts';
import { insertVersion, knownVersions, type VersionRow } from './versions.ts';

/**
 * Answers one retrain request: from its rows to a decision that is in model_versions. A request that was
 * decided before is not done again. What the request or its data make impossible is a rejection with
 * reasons; an outside system that is away is thrown, and the caller comes back to it. Anything else that
 * breaks is thrown as well until the last `attempt`, and then is a reason too.
 */
export async function runRequest(args: {
  ports: TrainPorts;
  model: TrainableModel;
  request: RetrainRequest;
  /** 1 for the first. */
  attempt: number;
  signal: AbortSignal;
}): Promise<DecidedVersion> {
  const { ports, model, request, signal } = args;
  const known = await knownVersions(ports.clickhouse, request.model);
  const decided = known.find((version) => version.requestId === request.requestId);
  if (decided !== undefined) return decided;
  const failed = failedBefore(request, known);
  if (failed !== undefined) {
    const why = `the retraining that it follows up was rejected (${failed.version}), so there is no change to learn more of`;
    return reject({ ports, request, plan: emptyPlan(request, known), reasons: [why] });
  }
  const log = ports.log.child({ requestId: request.requestId, model: request.model });
  const fields = snapshotFields(model.contract);
  const plan = await fixPlan({ ports, model, request, version: chooseVersion(known, request.requestId) });
  log.info({ event: 'train.planned', version: plan.version, rows: plan.rows }, 'Offset ranges are fixed');
  const changes = contractChanges(model.contract, await ports.currentContract(model.contract));
  if (fields.status === 'impossible') return reject({ ports, request, plan, reasons: fields.problems });
  if (changes.length > 0) return reject({ ports, request, plan, reasons: changes });
  if (plan.rows === 0) return reject({ ports, request, plan, reasons: [noRows(plan)] });
  try {
    const snapshot = await exportSnapshot({ ports, model, plan, fields });
    log.info({ event: 'train.exported', sha256: snapshot.sha256, rows: plan.rows }, 'Snapshot is stored');
    const decision = await decide({
      ports: { ...ports, log },
      model,
      request,
      plan,
      fields,
      snapshot,
      known,
      signal,
    });
    if (decision.status === 'impossible') {
      return await reject({
        ports,
        request,
        plan,
        snapshotSha256: snapshot.sha256,
        reasons: decision.reasons,
        metrics: decision.metrics,
      });
    }
    return await record(ports, decision.row);
  } catch (error) {
    if (signal.aborted || isOutage(error) || args.attempt < ATTEMPTS) throw error;
    log.error({ event: 'train.failed', error }, 'The training failed');
    const reason = error instanceof Error ? error.message : String(error);
    return reject({ ports, request, plan, reasons: [`the training failed: ${reason}`] });
  }
}

/** Rejects a request that can be told apart and not be used, with the reason: nothing of it is read or trained. */
export async function rejectUnusable(args: {
  ports: TrainPorts;
  about: { readonly requestId: string; readonly model: string; readonly requestedMs: number };
  why: string;
}): Promise<DecidedVersion> {
  const { ports, about, why } = args;
  const known = await knownVersions(ports.clickhouse, about.model);
  const decided = known.find((version) => version.requestId === about.requestId);
  if (decided !== undefined) return decided;
  const plan = emptyPlan(about, known);
  return reject({ ports, request: about, plan, reasons: [`the request cannot be used: ${why}`] });
}

/** The rejected retraining that a request would follow up. Requests are answered in order, so that it is known by then. */
function failedBefore(
  { requestId }: RetrainRequest,
  known: readonly DecidedVersion[],
): DecidedVersion | undefined {
  return known.find((first) => first.status === 'rejected' && followUpId(first.requestId) === requestId);
}

/** The plan of a request that no row is read for. */
function emptyPlan(
  { requestId, model, requestedMs }: Pick<RetrainRequest, 'requestId' | 'model' | 'requestedMs'>,
  known: readonly DecidedVersion[],
): SnapshotPlan {
  return {
    requestId,
    model,
    version: chooseVersion(known, requestId),
    topic: '',
    fromMs: requestedMs,
    untilMs: requestedMs,
    partitions: [],
    firstOffsets: [],
    endOffsets: [],
    rows: 0,
    schemaIds: [],
  };
}

/** Writes the decision, unless another trainer has been faster: the first one counts. */
async function record(ports: TrainPorts, row: VersionRow): Promise<DecidedVersion> {
  const known = await knownVersions(ports.clickhouse, row.model);
  const earlier = known.find((version) => version.requestId === row.requestId);
  if (earlier !== undefined) return earlier;
  await insertVersion(ports.clickhouse, row);
  await ports.store.closeJob(row.requestId);
  return row;
}

function reject(args: {
  ports: TrainPorts;
  request: Pick<RetrainRequest, 'requestId' | 'model' | 'requestedMs'>;
  plan: SnapshotPlan;
  snapshotSha256?: string;
  reasons: readonly string[];
  metrics?: Readonly<Record<string, unknown>>;
}): Promise<DecidedVersion> {
  const { ports, request, plan, reasons } = args;
  const about = { version: plan.version, status: 'rejected', reasons } as const;
  ports.log.info({ event: 'train.decided', requestId: request.requestId, ...about }, 'Request is rejected');
  return record(ports, {
    ...about,
    plan,
    model: request.model,
    requestId: request.requestId,
    parent: '',
    createdMs: request.requestedMs,
    sha256: '',
    uri: '',
    snapshotSha256: args.snapshotSha256 ?? '',
    logLossBefore: null,
    logLossAfter: null,
    logLossSd: null,
    validationRows: 0,
    config: {},
    metrics: args.metrics ?? {},
  });
}

function noRows(plan: SnapshotPlan): string {
  const from = new Date(plan.fromMs).toISOString();
  const until = new Date(plan.untilMs).toISOString();
  return `there is no labelled row of ${plan.topic} with an event time from ${from} to ${until}`;
}

/** Away for now, or out of room: the request waits. Anything else will not go away by waiting. */
function isOutage(error: unknown): boolean {
  return isAway(error) || (error instanceof DriftwatchError && NO_ROOM.has(error.code));
}

const NO_ROOM: ReadonlySet<ErrorCode> = new Set(['DISK_FULL', 'STORE_UNWRITABLE']);
const ATTEMPTS = 3;
