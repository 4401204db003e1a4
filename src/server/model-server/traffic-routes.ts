import type { Context, Hono } from 'hono';
import { rollbackTarget, type TrafficChange } from '../../core/experiments/traffic.ts';
import { sentence } from '../../errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { LoadedVersions } from './loaded-versions.ts';
import { jsonBody, problem, withModel } from './responses.ts';
import { readRollback, readSplit, type TrafficControl } from './traffic-control.ts';

/** Puts a change of a person on model-releases, where it outlives this server and reaches the others. */
export type RecordChange = (
  model: string,
  change: TrafficChange,
  reasons: readonly string[],
) => Promise<void>;

/**
 * Routes by which a person says who answers. A change holds at once, before it is recorded: a rollback must not wait
 * for a broker. When recording fails the answer says so, and the change is lost with this process.
 */
export function addTrafficRoutes(args: {
  app: Hono;
  versions: ReadonlyMap<string, LoadedVersions>;
  traffic: TrafficControl;
  record: RecordChange;
  ensure: (model: string, version: string) => Promise<boolean>;
  log: Log;
}): void {
  const { app, versions: models, traffic, log } = args;

  async function apply(
    context: Context,
    model: string,
    change: TrafficChange,
    reason: string,
  ): Promise<Response> {
    traffic.change(model, change);
    const { action, champion } = change;
    log.info({ event: 'serve.traffic', model, action, champion, reason }, 'A person changed the traffic');
    const unrecorded = await args.record(model, change, [reason]).then(
      () => undefined,
      (error: unknown) => sentence(error),
    );
    if (unrecorded !== undefined)
      log.error({ event: 'serve.unrecorded', model, why: unrecorded }, UNRECORDED);
    const recorded = unrecorded === undefined ? { recorded: true } : { recorded: false, why: unrecorded };
    return context.json({ ...shown(model), ...recorded });
  }

  function shown(model: string): Record<string, unknown> {
    const { champions, phases, shadows, experiment } = traffic.of(model);
    const versions = models.get(model);
    const phase = phases.at(-1);
    return {
      version: versions?.current() ?? '',
      before: champions.at(-2) ?? null,
      experiment: experiment ?? null,
      split:
        phase === undefined
          ? null
          : {
              experiment: phase.experiment,
              weights: Object.fromEntries(phase.versions.map(({ version, weight }) => [version, weight])),
              from: Number.isFinite(phase.fromMs) ? new Date(phase.fromMs).toISOString() : null,
            },
      shadows,
      loaded: versions?.list() ?? [],
    };
  }

  const split = '/v1/models/:model/split';
  app.get(split, (context) => withModel(context, models, (model) => context.json(shown(model))));
  app.put(split, (context) =>
    withModel(context, models, async (model, versions) => {
      const read = readSplit(await jsonBody(context), versions);
      if (read.status === 'bad') return problem(context, 400, read.why);
      return apply(context, model, read.change, 'a person set the split');
    }),
  );
  app.delete(split, (context) =>
    withModel(context, models, (model, versions) => {
      const champion = versions.current();
      if (champion === undefined) return problem(context, 409, NOTHING_LOADED);
      const experiment = traffic.of(model).experiment;
      const change: TrafficChange = {
        action: 'clear',
        champion,
        versions: [],
        shadows: [],
        ...(experiment === undefined ? {} : { experiment }),
      };
      return apply(context, model, change, 'a person ended the split');
    }),
  );
  app.post('/v1/models/:model/rollback', (context) =>
    withModel(context, models, async (model, versions) => {
      const read = readRollback((await jsonBody(context)) ?? {});
      if (read.status === 'bad') return problem(context, 400, read.why);
      const champion = read.to ?? rollbackTarget(traffic.of(model));
      if (champion === undefined) return problem(context, 409, `No version of ${model} answered before.`);
      if (!(await args.ensure(model, champion))) {
        const loaded = versions.list().join(', ') || 'none';
        return problem(context, 409, `"${champion}" cannot be loaded; loaded are ${loaded}.`);
      }
      const { experiment } = traffic.of(model);
      const change: TrafficChange = {
        action: 'roll back',
        champion,
        versions: [],
        shadows: [],
        ...(experiment === undefined ? {} : { experiment }),
      };
      return apply(context, model, change, read.reason);
    }),
  );
}

const NOTHING_LOADED = 'No version is loaded yet.';
const UNRECORDED = 'A change of traffic holds here only, because it could not be recorded';
