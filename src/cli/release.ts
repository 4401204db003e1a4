import { buildCommand, buildRouteMap, type CommandContext } from '@stricli/core';
import { z } from 'zod';
import { DriftwatchError, sentence } from '../errors.ts';
import { chosenModel, MODEL_FLAG } from './replay-ports.ts';
import { loadSettings, SETTINGS_FLAGS, type Settings, type SettingsFlags } from './settings.ts';
import { SERVER_PORT } from './wire.ts';

interface ReleaseFlags extends SettingsFlags {
  readonly model?: string;
  readonly server?: string;
  readonly json: boolean;
}

interface RollbackFlags extends ReleaseFlags {
  readonly to?: string;
  readonly reason?: string;
}

const FLAGS = {
  ...SETTINGS_FLAGS,
  model: MODEL_FLAG,
  server: {
    kind: 'parsed',
    parse: String,
    brief: `Address of the model server, else port ${SERVER_PORT} of this machine shifted by --port-offset`,
    placeholder: 'url',
    optional: true,
  },
  json: { kind: 'boolean', brief: 'Print one JSON object', default: false },
} as const;

/** `driftwatch release`: who answers now, and back to who answered before. */
export const command = buildRouteMap({
  docs: { brief: 'Who answers now, and the way back' },
  routes: {
    show: buildCommand<ReleaseFlags, [], CommandContext>({
      docs: { brief: 'Who answers, what is split, what only shadows' },
      parameters: { flags: FLAGS },
      async func(flags) {
        return talk(this, flags, (url) => fetch(url));
      },
    }),
    rollback: buildCommand<RollbackFlags, [], CommandContext>({
      docs: {
        brief: 'Let the version before answer again, at once',
        fullDescription: [
          'Ends an experiment, or without one goes back to the version that answered before. Holds in the model',
          'server at once, and is put on model-releases, so that it outlives the server and reaches every other one.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          ...FLAGS,
          to: {
            kind: 'parsed',
            parse: String,
            brief: 'Version to go back to, else the one before',
            placeholder: 'version',
            optional: true,
          },
          reason: {
            kind: 'parsed',
            parse: String,
            brief: 'Why, in words; recorded',
            placeholder: 'text',
            optional: true,
          },
        },
      },
      async func(flags) {
        const { to, reason } = flags;
        const body = JSON.stringify({
          ...(to === undefined ? {} : { to }),
          ...(reason === undefined ? {} : { reason }),
        });
        return talk(this, flags, (url) => fetch(url.replace(/split$/, 'rollback'), { method: 'POST', body }));
      },
    }),
  },
});

async function talk(
  context: CommandContext,
  flags: ReleaseFlags,
  ask: (url: string) => Promise<Response>,
): Promise<Error | undefined> {
  try {
    const settings = loadSettings(flags);
    const model = chosenModel(settings, flags.model);
    const server = flags.server ?? defaultServer(settings);
    const response = await ask(`${server}/v1/models/${encodeURIComponent(model)}/split`).catch(
      (cause: unknown) => {
        throw unreachable(server, cause);
      },
    );
    const body: unknown = await response.json();
    if (!response.ok) return new Error(`The model server refused: ${REFUSAL.parse(body).error}`);
    const traffic = TRAFFIC.parse(body);
    context.process.stdout.write(flags.json ? `${JSON.stringify({ model, ...traffic })}\n` : text(traffic));
    if (traffic.recorded !== false) return undefined;
    return new Error(
      `It holds in this server, but could not be recorded: ${traffic.why ?? 'the reason is unknown'}`,
    );
  } catch (error) {
    return new Error(sentence(error));
  }
}

function text(traffic: z.infer<typeof TRAFFIC>): string {
  const { split, shadows } = traffic;
  const lines = [
    `${traffic.version} answers${traffic.before === null ? '' : `, before it ${traffic.before}`}`,
  ];
  if (split !== null) {
    const weights = Object.entries(split.weights).map(([version, weight]) => `${version} ${weight}`);
    const from = split.from === null ? '' : ` from event time ${split.from}`;
    lines.push(`  split of ${split.experiment}: ${weights.join(', ')}${from}`);
  }
  if (shadows.length > 0) lines.push(`  unseen beside it: ${shadows.join(', ')}`);
  lines.push(`  loaded: ${traffic.loaded.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function defaultServer({ portOffset }: Settings): string {
  return `http://127.0.0.1:${SERVER_PORT + portOffset}`;
}

function unreachable(server: string, cause: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'NOT_YET',
    message: `The model server does not answer on ${server}.`,
    next: 'Start it with `driftwatch serve`, or name it with --server.',
    cause,
  });
}

const REFUSAL = z.object({ error: z.string() });
const TRAFFIC = z.object({
  version: z.string(),
  before: z.string().nullable(),
  experiment: z.string().nullable(),
  split: z
    .object({
      experiment: z.string(),
      weights: z.record(z.string(), z.number()),
      from: z.string().nullable(),
    })
    .nullable(),
  shadows: z.array(z.string()),
  loaded: z.array(z.string()),
  recorded: z.boolean().optional(),
  why: z.string().optional(),
});
