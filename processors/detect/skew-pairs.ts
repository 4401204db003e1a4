import { z } from 'zod';
import type { Field } from '../../src/core/contract/contract.ts';
import type { Pair, Value } from '../../src/core/fingerprints/pair.ts';
import type { FeatureKind } from '../../src/core/fingerprints/pair-context.ts';
import { STALE_AGES } from '../../src/core/fingerprints/stale.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import { count } from '../../src/io/clickhouse/columns.ts';
import { comparisonOf, isMoment } from '../panes/join-panes.ts';
import type { ModelView, ViewedFeature } from '../panes/model-view.ts';

/** Examples of one window on which training and serving differ, and some on which they agree. */
export interface SkewPairs {
  readonly mismatching: readonly Pair[];
  readonly matching: readonly Pair[];
  /** Examples that agree, those not read included. */
  readonly matchingTotal: number;
}

/** Reads up to 400 of each, the same ones every time, in one segment or over all. */
export async function readSkewPairs(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  feature: ViewedFeature;
  segment: string;
  fromMs: number;
  untilMs: number;
}): Promise<SkewPairs> {
  const { clickhouse, view, feature } = args;
  const [name = '', ...value] = args.segment.split('=');
  const rows = await clickhouse.rows(
    'skew-pairs',
    {
      id: view.id,
      feature: feature.field.name,
      training: view.tables.training,
      serving: view.tables.serving,
      from: new Date(args.fromMs),
      until: new Date(args.untilMs),
      ...comparisonOf(feature),
      moment: isMoment(feature.field),
      whole: args.segment === '',
      // Any column serves where no segment is asked for.
      segment: args.segment === '' ? view.id : name,
      segment_value: value.join('='),
      most: MOST,
    },
    PAIR_ROW,
  );
  const pairOf = (row: PairRow) => decodePair({ row, view, feature });
  const mismatching = rows.filter(({ differs }) => differs).map(pairOf);
  return {
    mismatching: await withEarlier({ ...args, pairs: mismatching }),
    matching: rows.filter(({ differs }) => !differs).map(pairOf),
    matchingTotal: rows[0]?.matching ?? 0,
  };
}

/** The pairs with what their entities had before, where the contract names an entity. */
async function withEarlier(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  feature: ViewedFeature;
  fromMs: number;
  untilMs: number;
  pairs: readonly Pair[];
}): Promise<readonly Pair[]> {
  const { clickhouse, view, feature, pairs } = args;
  if (feature.entity === undefined) return pairs;
  const shared = {
    id: view.id,
    entity: feature.entity,
    feature: feature.field.name,
    training: view.tables.training,
    serving: view.tables.serving,
    from: new Date(args.fromMs),
    until: new Date(args.untilMs),
    moment: isMoment(feature.field),
    ages: STALE_AGES.map(([, ageMs]) => ageMs),
    days: HISTORY_DAYS,
  };
  const earlier = new Map<string, { agoMs: number; value: Value }[]>();
  for (const ids of inParts(pairs.map(({ id }) => id))) {
    const rows = await clickhouse.rows('skew-earlier', { ...shared, ids }, EARLIER_ROW);
    for (const row of rows) {
      const values = earlier.get(row.id) ?? [];
      values.push({ agoMs: row.ago_ms, value: decodeValue(row.value, feature.field) });
      earlier.set(row.id, values);
    }
  }
  return pairs.map((pair) => ({ ...pair, earlier: earlier.get(pair.id) ?? [] }));
}

/** Ids travel in the URL, which servers bound. */
function inParts(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  let size = LONGEST;
  for (const id of ids) {
    if (size + id.length > LONGEST) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(id);
    size += id.length + 3;
  }
  return parts;
}

/** How fingerprints see a field. */
export function fingerprintKind(field: Field): FeatureKind {
  if (field.kind === 'numeric' || field.kind === 'timestamp' || field.kind === 'text') return field.kind;
  return 'categorical';
}

function decodePair(args: { row: PairRow; view: ModelView; feature: ViewedFeature }): Pair {
  const { row, view, feature } = args;
  const training = ROW.parse(JSON.parse(row.training));
  const serving = ROW.parse(JSON.parse(row.serving));
  const others = view.features
    .filter(({ field }) => field.name !== feature.field.name)
    .map(({ field }) => [
      field.name,
      {
        training: decodeValue(training[field.name], field),
        serving: decodeValue(serving[field.name], field),
      },
    ]);
  return {
    id: row.id,
    training: decodeValue(training[feature.field.name], feature.field),
    serving: decodeValue(serving[feature.field.name], feature.field),
    others: Object.fromEntries(others),
    eventTimeMs: row.event_time,
    attributes: attributesOf(serving, view),
  };
}

/** Where a record came from: segments, model version, producer and writer schema of the serving side. */
function attributesOf(serving: Readonly<Record<string, unknown>>, view: ModelView): Record<string, string> {
  const names = [...view.segments, view.version, 'producer'].filter((name) => name in serving);
  return Object.fromEntries([
    ...names.map((name) => [name, String(serving[name])]),
    ['schema id', String(serving['_schema_id'])],
  ]);
}

/** JSON has no NaN, no infinities and no moments: they come as texts. */
export function decodeValue(value: unknown, field: Field): Value {
  if (value === null || value === undefined) return null;
  const kind = fingerprintKind(field);
  if (kind === 'categorical' || kind === 'text')
    return typeof value === 'string' ? value : JSON.stringify(value);
  if (typeof value === 'number') return field.avro === 'local-timestamp-micros' ? value / 1000 : value;
  const text = String(value);
  const special = SPECIAL.get(text.toLowerCase());
  if (special !== undefined) return special;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? text : moment;
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);
const ROW = z.record(z.string(), z.unknown());
const PAIR_ROW = z.object({
  id: z.string(),
  differs: z.coerce.boolean(),
  matching: count,
  event_time: count,
  training: z.string(),
  serving: z.string(),
});
const EARLIER_ROW = z.object({ id: z.string(), ago_ms: count, value: z.string().nullable() });
type PairRow = z.infer<typeof PAIR_ROW>;
const MOST = 400;
/** A week, and a day for the record before it. */
const HISTORY_DAYS = 8;
const LONGEST = 4_000;
