import { z } from 'zod';
import { type Change, parseChange } from '../../core/analysis/what-if.ts';
import { DRIFT_KINDS } from '../../core/incidents/finding.ts';
import { DAY } from './format.ts';
import { VERDICT_STATES, type VerdictFilter } from './reader.ts';
import { segmentOf } from './views/segment-parameter.ts';
import { FAR } from './views/verdict-table.ts';

/** A query string that makes sense, or a sentence about what does not. */
export type Asked<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'bad'; readonly sentence: string };

/** ?model=: one of the models, the first where none is named. */
export function askedModel(query: Query, models: readonly string[]): Asked<string> {
  const model = query['model'] ?? models[0];
  if (model !== undefined && models.includes(model)) return { status: 'ok', value: model };
  return bad(`There is no model "${model ?? ''}"; there is ${models.join(', ') || 'none'}.`);
}

/** ?kind=&segment= of the first page. */
export function askedHeatmap(query: Query): Asked<{ kind: string; segment: string }> {
  return decode(
    z.object({ kind: z.enum(DRIFT_KINDS).default('distribution-skew'), segment: NAME.default('') }),
    query,
  );
}

/** ?kind=&feature=&segment=&from=&to=&verdict=&page= of the verdicts; empty values mean any. */
export function askedVerdicts(query: Query, model: string): Asked<{ filter: VerdictFilter; page: number }> {
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const asked = decode(VERDICTS, given);
  if (asked.status === 'bad') return asked;
  const { kind, feature, segment, verdict, from, to, page } = asked.value;
  const untilMs = to === undefined ? FAR : Date.parse(to);
  const fromMs = from === undefined ? 0 : Date.parse(from);
  if (fromMs >= untilMs) return bad(`The range from ${from} to ${to} is empty: to is exclusive.`);
  const filter = {
    model,
    kind,
    feature,
    segment: segment === undefined ? undefined : segmentOf(segment),
    verdict,
    fromMs,
    untilMs,
    limit: PAGE,
    offset: (page - 1) * PAGE,
  };
  return { status: 'ok', value: { filter, page } };
}

/** ?id=&set=&set= of the what-if page; empty changes are none. */
export function askedWhatIf(
  id: string | undefined,
  set: readonly string[],
): Asked<{ id: string; set: readonly string[]; changes: readonly Change[] }> {
  const written = set.map((text) => text.trim()).filter((text) => text !== '');
  if (written.length > MOST_CHANGES) return bad(`At most ${MOST_CHANGES} changes can be asked for at once.`);
  const changes = written.map((text) => parseChange(text));
  const at = changes.indexOf(undefined);
  if (at >= 0)
    return bad(
      `"${written[at] ?? ''}" is no change: write feature=value, feature+=number or feature*=number.`,
    );
  const known = changes.filter((change) => change !== undefined);
  return { status: 'ok', value: { id: (id ?? '').trim().slice(0, 500), set: written, changes: known } };
}

export function isId(text: string): boolean {
  return UUID.test(text);
}

type Query = Readonly<Record<string, string>>;

function decode<T>(schema: z.ZodType<T>, query: Query): Asked<T> {
  const result = schema.safeParse(query);
  if (result.success) return { status: 'ok', value: result.data };
  const said = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  return bad(`The address does not make sense: ${said}.`);
}

function bad(sentence: string): { status: 'bad'; sentence: string } {
  return { status: 'bad', sentence };
}

const PAGE = 100;
const MOST_CHANGES = 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME = z.string().max(200);
const DATE = z.iso.date('expected a date such as 2013-08-05').refine((text) => {
  const ms = Date.parse(text);
  return ms >= 0 && ms <= FAR + DAY;
}, 'expected a date between 1970 and 2100');
const VERDICTS = z.object({
  kind: z.enum(DRIFT_KINDS).optional(),
  feature: NAME.optional(),
  segment: NAME.optional(),
  verdict: z.enum(VERDICT_STATES).optional(),
  from: DATE.optional(),
  to: DATE.optional(),
  page: z.coerce.number().int().min(1).max(1000).default(1),
});
