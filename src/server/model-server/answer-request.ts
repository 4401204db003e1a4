import type { Answer } from '../../core/performance/answers.ts';
import { DriftwatchError, sentence } from '../../errors.ts';
import type { Outgoing } from '../../io/kafka/port.ts';
import type { Metrics } from './metrics.ts';
import { namedVersion } from './named-version.ts';
import type { PredictionLog } from './prediction-log.ts';
import { predictionRecords } from './prediction-records.ts';
import { score } from './score.ts';
import type { ScoreRequest } from './score-request.ts';
import { nameOf, type Served } from './served.ts';
import type { ShadowScoring } from './shadow-scoring.ts';
import type { TrafficControl } from './traffic-control.ts';

/** A request for a model, and when it came on the clock of `performance`. */
export interface Asked {
  readonly model: string;
  readonly served: Served;
  readonly request: ScoreRequest;
  readonly startedMs: number;
}

/** The answer to one record. */
export interface Answered {
  readonly answer: Answer;
  readonly version: string;
}

/** Why a request has no answer, as an HTTP status and a sentence. */
export interface Refused {
  readonly status: 400 | 404 | 503;
  readonly why: string;
}

export type AnswerRequest = (asked: Asked) => Promise<readonly Answered[] | Refused>;

/**
 * Answers every record of a request, by the version that the traffic or the request names; logs what was answered
 * where that is wanted, and offers the same records to the shadows.
 */
export function answerRequests(args: {
  predictions: PredictionLog;
  metrics: Metrics;
  shadow: Pick<ShadowScoring, 'offer'>;
  traffic: TrafficControl;
}): AnswerRequest {
  const { predictions, metrics, traffic } = args;
  return async (asked) => {
    const { model, served, request } = asked;
    const { records } = request;
    const [id, eventTime] = [nameOf(served, 'id'), nameOf(served, 'event-time')];
    const groups =
      request.version === undefined
        ? traffic.group(
            model,
            records.map((record) => ({ id: textOf(record[id]), eventTimeMs: msOf(record[eventTime]) })),
          )
        : [
            {
              version: namedVersion({ model, version: request.version, versions: served.versions, traffic }),
              positions: [...records.keys()],
            },
          ];
    const answered: Answered[] = [];
    for (const { version, positions } of groups) {
      const part = { ...request, version, records: positions.map((row) => records[row] ?? {}) };
      const answer = await predict({ ...asked, request: part });
      if ('why' in answer) return answer;
      for (const [at, row] of positions.entries()) {
        answered[row] = { answer: answer.answers[at] ?? Number.NaN, version: answer.version };
      }
    }
    return answered;
  };

  /** Scores and logs, or says why not. */
  async function predict(asked: Asked): Promise<{ version: string; answers: readonly Answer[] } | Refused> {
    const { model, served, request } = asked;
    const answer = await score({
      model,
      versions: served.versions,
      records: request.records,
      metrics,
      ...(request.version === undefined ? {} : { version: request.version }),
    });
    if (answer === undefined) return noVersion(model, request.version);
    if (!request.log) return answer;
    const latencyMs = performance.now() - asked.startedMs;
    const refused = await logAnswers(
      model,
      () => predictionRecords({ served, encode: served.encode, ...request, ...answer, latencyMs }),
      request.awaitLog,
    );
    if (refused !== undefined) return refused;
    const shadows = traffic.of(model).shadows.filter((version) => version !== answer.version);
    if (shadows.length > 0 && request.records.length > 0) {
      const [id, eventTime] = [nameOf(served, 'id'), nameOf(served, 'event-time')];
      args.shadow.offer({
        model,
        versions: served.versions,
        shadows,
        records: request.records,
        about: (record) => ({ id: String(record[id]), eventTimeMs: Number(record[eventTime]) }),
      });
    }
    return answer;
  }

  /** Queues the records, or with `wait` sends them and says why that failed. */
  async function logAnswers(
    model: string,
    make: () => Outgoing[],
    wait: boolean,
  ): Promise<Refused | undefined> {
    let records: Outgoing[];
    try {
      records = make();
    } catch (error) {
      if (error instanceof DriftwatchError && error.code === 'RECORD_INVALID') {
        return { status: 400, why: error.message };
      }
      throw error;
    }
    if (!wait) {
      predictions.offer(model, records);
      return undefined;
    }
    try {
      await predictions.send(model, records);
      return undefined;
    } catch (error) {
      return { status: 503, why: `The predictions could not be logged: ${sentence(error)}` };
    }
  }
}

function noVersion(model: string, version: string | undefined): Refused {
  return version === undefined
    ? { status: 503, why: `No version of ${model} is loaded yet.` }
    : { status: 404, why: notLoaded(model, version) };
}

/** The sentence about a version that a request named and that is not here. */
export function notLoaded(model: string, version: string): string {
  return `The version "${version}" of ${model} is not loaded.`;
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function msOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
