import { z } from 'zod';
import { RULE_NAMES } from './core/incidents/choose-rule.ts';
import { DRIFT_KINDS } from './core/incidents/finding.ts';
import type { SearchSpace } from './core/tuning/search-space.ts';
import { parseDuration } from './core/windows/duration.ts';
import { SEASON_CLASSES, SEASONS } from './core/windows/pane.ts';
import { DriftwatchError } from './errors.ts';

/**
 * What driftwatch.yaml says: everything that is not about the data itself (that is in the contracts).
 * Unknown keys are refused. Durations are written 90d, 36h, 5m, 10s.
 */
export function parseConfig(value: unknown, file: string): Config {
  const result = CONFIG.safeParse(value);
  if (result.success) return result.data;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${file} is not a valid configuration: ${z.prettifyError(result.error)}.`,
    next: 'Every setting is explained in deploy/driftwatch.example.yaml; `driftwatch config --schema` prints its JSON Schema.',
    cause: result.error,
  });
}

/** Whether accepted versions of a model wait for an experiment; else they answer at once. */
export function isTested({ rollout }: ModelConfig): boolean {
  return rollout.shadow || rollout.steps.length > 0;
}

/** JSON Schema of driftwatch.yaml, for editors. */
export function configSchema(): object {
  return z.toJSONSchema(CONFIG, { io: 'input' });
}

const MOST_TRAILING = 2_688;

const share = z.number().min(0).max(1);
const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: 'custom',
    message: `expected a duration such as 90d, 36h, 5m or 10s, received "${text}"`,
  });
  return z.NEVER;
});

const range = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    scale: z.enum(['linear', 'log']).default('linear'),
    whole: z.boolean().default(false),
  })
  .refine(({ from, to }) => from < to, 'expected `from` below `to`')
  .refine(({ from, scale }) => scale === 'linear' || from > 0, 'a log scale needs `from` above 0');

/** Hyperparameters to search: a list of values, or a range of numbers. */
const space = z
  .record(z.string(), z.union([z.array(z.union([z.string(), z.number(), z.boolean()])).min(1), range]))
  .transform(
    (space): SearchSpace =>
      Object.fromEntries(
        Object.entries(space).map(([name, of]) => [
          name,
          Array.isArray(of) ? { kind: 'choice', values: of } : { kind: 'range', ...of },
        ]),
      ),
  );

const TUNING = z.strictObject({
  search: z.enum(['random', 'halving']).default('halving'),
  candidates: z.int().min(2).max(10_000).default(27),
  keep_one_in: z.int().min(2).max(10).default(3).describe('Halving: share of a rung that goes on'),
  folds: z.int().min(1).max(20).default(3),
  space: space.prefault({
    learningRate: { from: 0.02, to: 0.3, scale: 'log' },
    maxLeaves: { from: 7, to: 127, scale: 'log', whole: true },
    minRowsPerLeaf: { from: 5, to: 200, scale: 'log', whole: true },
    l2: { from: 0.1, to: 30, scale: 'log' },
    rowShare: { from: 0.5, to: 1 },
    columnShare: { from: 0.5, to: 1 },
    encoding: ['target', 'subsets', 'frequency'],
  }),
});

/** What a tuning file says: the `tuning` part of a model, in a file of its own. Throws CONFIG_INVALID. */
export function parseTuning(value: unknown, file: string): TuningConfig {
  const result = TUNING.safeParse(value);
  if (result.success) return result.data;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `${file} does not say what to search: ${z.prettifyError(result.error)}.`,
    next: 'The `tuning` part of deploy/driftwatch.example.yaml explains every setting.',
    cause: result.error,
  });
}

const moment = z.string().transform((text, context) => {
  const ms = DATE.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  context.addIssue({
    code: 'custom',
    message: `expected a date such as 2013-12-24 (UTC) or a moment such as 2013-12-24T18:00:00Z, received "${text}"`,
  });
  return z.NEVER;
});
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

const SPAN_AS_WRITTEN = { from: moment, until: moment };
const isForward = ({ from, until }: { from: number; until: number }) => from < until;
const FORWARD = {
  error: 'expected `until` to be after `from`; it is the first moment that no longer belongs',
};
const asSpan = ({ from, until }: { from: number; until: number }) => ({ fromMs: from, untilMs: until });

const REFERENCE = z.strictObject({
  drift: z
    .enum(['trailing', 'season', 'range'])
    .default('trailing')
    .describe(
      'What data drift compares a window with: the newest earlier windows; only those of them of the same season; or the windows of a fixed range',
    ),
  range: z
    .strictObject(SPAN_AS_WRITTEN)
    .refine(isForward, FORWARD)
    .transform(asSpan)
    .optional()
    .describe('With drift: range, the serving windows that stay the reference'),
  exclude: z
    .array(
      z
        .strictObject({ ...SPAN_AS_WRITTEN, why: z.string().optional() })
        .refine(isForward, FORWARD)
        .transform((span) => ({ ...asSpan(span), why: span.why ?? '' })),
    )
    .max(400)
    .default([])
    .describe('Calendar of stretches whose windows are judged, and never serve as a reference'),
});

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,40}$/, 'expected a lower-case name of letters, digits and underscores');

const MODEL_AS_WRITTEN = z.strictObject({
  partitions: z
    .int()
    .min(1)
    .max(256)
    .default(3)
    .describe('Partitions of the topics, when driftwatch creates them'),
  segments: z.array(z.string()).max(8).default([]).describe('Fields that split every statistic'),
  pane: duration.default(86_400_000).describe('Slice of event time'),
  season: z
    .enum(SEASONS)
    .default('week')
    .describe('Windows are compared with past windows of the same class'),
  disorder: z
    .strictObject({
      training: duration.default(0),
      serving: duration.default(0),
      labels: duration.default(0),
    })
    .prefault({})
    .describe('How late records of a stream may be without being late'),
  allowed_lateness: duration
    .default(7_776_000_000)
    .describe(
      'How long after its window was judged a late record still corrects it; later it is stored and counted',
    ),
  label_delay: duration.default(172_800_000).describe('How long after its prediction a label may come'),
  trailing: z
    .int()
    .min(7)
    .max(MOST_TRAILING)
    .optional()
    .describe(
      'Earlier serving windows that data drift compares with: 28, or with season day all of 28 days; beyond 100 up to a quarter more',
    ),
  minimum_rows: z
    .int()
    .min(1)
    .default(200)
    .describe('Rows in a window below which the answer is insufficient'),
  minimum_windows: z
    .int()
    .min(3)
    .optional()
    .describe(
      'Windows in a reference below which the answer is insufficient: by default half of those compared with',
    ),
  start_up: z
    .enum(['insufficient', 'independent-rows'])
    .default('insufficient')
    .describe(
      'What holds before minimum_windows: independent-rows holds a window against all rows so far, and is right only for rows that do not depend on each other and have no season',
    ),
  effect_floor: z
    .strictObject({
      sd: z.number().positive().default(0.5),
      share: z.number().positive().max(1).default(0.1),
      distinct: z.number().positive().default(0.5),
      correlation: z.number().positive().max(2).default(0.2),
      nats: z.number().positive().default(0.05),
      mismatch: z.number().positive().max(1).default(0.01),
      violations: share.default(0.001),
    })
    .prefault({})
    .describe('Smallest difference worth a verdict, however sure'),
  joint: z
    .boolean()
    .default(true)
    .describe('Watch how features go together, besides each of them: one statement a pane'),
  close_after: z.int().min(1).default(7).describe('Windows that a drift must be gone for'),
  group_within: duration
    .default(259_200_000)
    .describe('Findings that began this close together are one incident'),
  retrain: z
    .strictObject({
      on: z.array(z.enum(DRIFT_KINDS)).default(['concept-drift']),
      rule: z
        .enum(RULE_NAMES)
        .default('cost-aware')
        .describe('Asks by the loss, whether an incident is open or not; none: only incidents ask'),
      cost: z
        .number()
        .positive()
        .default(20)
        .describe('Nats of excess log-loss, over all rows, that one would pay to avoid a retrain'),
      threshold: z
        .number()
        .positive()
        .default(6)
        .describe('Standard deviations that the loss must have risen beyond'),
      every: duration.default(604_800_000).describe('With rule: schedule'),
      cool_down: duration.default(604_800_000),
      wait: duration
        .default(950_400_000)
        .describe('How long a change must have lasted: validation and a few days to train on'),
      follow_up: duration
        .default(1_209_600_000)
        .describe(
          'How long after a request one more follows, when the new world has more examples; 0d for none',
        ),
      from_onset: z
        .boolean()
        .default(true)
        .describe('Train from the onset of the change on as well, and keep the better one'),
      window: duration.default(7_776_000_000).describe('How far back training examples go'),
      validation: duration
        .default(604_800_000)
        .describe('Newest labelled part, on which champion and challenger meet'),
      minimum_rows: z.int().min(1).default(2_000),
      gate: z
        .strictObject({
          leaked_ids: share.default(0.01).describe('Validation rows whose id is among the training rows'),
          class_share: share.default(0.001).describe('Rows of the rarer class, at least'),
          label_parity: z
            .number()
            .min(0.05)
            .max(1)
            .default(0.3)
            .describe('Share of ones, training against validation rows'),
          unseen_categories: z
            .number()
            .min(0.01)
            .max(1)
            .default(0.5)
            .describe('Rows with a category that the champion never saw, in one feature'),
        })
        .prefault({})
        .describe('Training data beyond these are not trained on; the request is rejected'),
    })
    .prefault({}),
  reference: REFERENCE.prefault({}).describe('What windows are compared with'),
  rollout: z
    .strictObject({
      shadow: z
        .boolean()
        .default(false)
        .describe('An accepted version first scores beside the champion, unseen'),
      steps: z
        .array(z.number().gt(0).lt(1))
        .max(10)
        .refine(
          (steps) => steps.every((share, at) => at === 0 || share > (steps[at - 1] ?? 0)),
          'expected ascending shares',
        )
        .default([])
        .describe('Shares of the ids that it answers, one after the other; none and no shadow: all at once'),
      minimum_time: duration.default(86_400_000).describe('Event time at each step'),
      minimum_labels: z.int().min(1).default(500).describe('Labels at each step'),
      end_after: z
        .int()
        .min(1)
        .default(20_000)
        .describe('Labels after which the champion stays when no gain is proven'),
      tolerance: z
        .number()
        .min(0)
        .default(0.05)
        .describe('Nats of log-loss by which a segment may become worse'),
    })
    .prefault({})
    .describe('How an accepted version comes to answer'),
  trainer: z.record(z.string(), z.json()).default({}).describe('Hyperparameters, handed to the trainer'),
  tuning: TUNING.prefault({}).describe('What `driftwatch tune` searches'),
});

/** With a daily season a window is one of as many classes as there are windows in a day: 28 of each are kept. */
const MODEL = MODEL_AS_WRITTEN.superRefine(({ reference, season }, context) => {
  const complain = (message: string, ...path: string[]) =>
    context.addIssue({ code: 'custom', message, path: ['reference', ...path] });
  if (reference.drift === 'range' && reference.range === undefined)
    complain('drift: range needs a range: {from: 2013-03-01, until: 2013-05-01}', 'range');
  if (reference.drift !== 'range' && reference.range !== undefined)
    complain('a range is only used with drift: range', 'range');
  if (reference.drift === 'season' && season === 'none')
    complain('drift: season needs season: day or season: week', 'drift');
}).transform((model) => {
  const month = Math.ceil((28 * 86_400_000) / model.pane);
  const trailing =
    model.trailing ?? (model.season === 'day' ? Math.min(MOST_TRAILING, Math.max(28, month)) : 28);
  const compared = model.reference.drift === 'season' ? trailing / SEASON_CLASSES[model.season] : trailing;
  return {
    ...model,
    trailing,
    minimum_windows: model.minimum_windows ?? Math.max(3, Math.floor(compared / 2)),
  };
});

const CONFIG = z.strictObject({
  database: name.default('driftwatch'),
  budget: z
    .strictObject({ false_pages: z.number().positive().default(1), per: duration.default(2_592_000_000) })
    .prefault({})
    .describe('False pages allowed over all models, features, segments and detectors together'),
  idle_after: duration
    .default(30_000)
    .describe('Quiet time after which a partition read to its end no longer holds stream time back'),
  session_timeout: duration
    .default(15_000)
    .describe('Silence after which the partitions of a processor go to the others'),
  max_future: duration.default(86_400_000).describe('How far an event time may be ahead of the broker clock'),
  models: z
    .record(name, MODEL)
    .refine((models) => Object.keys(models).length > 0, 'expected at least one model'),
});

export type Config = z.infer<typeof CONFIG>;
export type ModelConfig = z.infer<typeof MODEL>;
export type TuningConfig = z.infer<typeof TUNING>;
