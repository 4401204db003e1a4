import type { Field } from '../../src/core/contract/contract.ts';
import { valueRulesOf } from '../../src/core/contract/value-rules.ts';
import { type Profile, profilesOf, secondsScale } from '../../src/core/windows/profile.ts';
import type { Params } from '../../src/io/clickhouse/client.ts';
import type { ModelView, ViewedFeature } from './model-view.ts';

/** One distribution to watch: a feature as it is, or a profile of it under a name of its own. */
export interface WatchedFeature extends ViewedFeature {
  readonly profile?: { readonly of: Field; readonly as: string };
  /** Categories kept apart; the usual number without it. */
  readonly top?: number;
}

/** What is watched of the features: each as it is, but timestamps, texts and embeddings by their profiles. */
export function watchedFeatures(features: readonly ViewedFeature[]): readonly WatchedFeature[] {
  const known = cache.get(features);
  if (known !== undefined) return known;
  const watched = features.flatMap((feature): WatchedFeature[] => {
    const profiles = profilesOf(feature.field);
    return profiles.length === 0 ? [feature] : profiles.map((profile) => profiled(feature.field, profile));
  });
  cache.set(features, watched);
  return watched;
}

/** Texts with a domain, counted by their own values: these are held against the contract and nothing else. */
export function ruledTexts(features: readonly ViewedFeature[]): readonly WatchedFeature[] {
  return features.filter(({ field }) => field.kind === 'text' && valueRulesOf(field).domain !== undefined);
}

/**
 * What panes of a table count: what is watched, texts with a domain, and in serving also the predictions that are
 * probabilities, in the fixed bins of src/core/performance/prediction-bins.ts.
 */
export function countedFeatures(view: ModelView, table: string): readonly WatchedFeature[] {
  const counted = [...watchedFeatures(view.features), ...ruledTexts(view.features)];
  if (table !== view.tables.serving || view.task !== 'classification') return counted;
  const field: Field = {
    name: view.prediction,
    role: 'prediction',
    kind: 'numeric',
    avro: 'double',
    nullable: true,
  };
  return [...counted, { field, kind: 'numeric' }];
}

/** The cell that the rules on missing values of a field read. */
export function cellOf(field: Field): string {
  const [first] = profilesOf(field);
  return first === undefined ? field.name : `${field.name}:${first.as}`;
}

/** Entries of the lists that pane and bin statements repeat, for some watched features. */
export function watchedParams(watched: readonly WatchedFeature[]): Record<string, Params[]> {
  const sources = [
    ...new Map(watched.flatMap(({ profile }) => (profile ? [[profile.of.name, profile.of]] : []))).values(),
  ];
  const alias = (field: Field, as: string) => `_${as}_${sources.indexOf(field)}`;
  const column = ({ field, profile }: WatchedFeature) =>
    profile === undefined ? field.name : alias(profile.of, profile.as);
  const aliases = (field: Field, source: string, more: readonly string[] = []): Params => ({
    [source]: field.name,
    ...Object.fromEntries(
      [...profilesOf(field).map(({ as }) => as), ...more].map((as) => [as, alias(field, as)]),
    ),
  });
  const ofKind = (kind: Field['kind']) => sources.filter((field) => field.kind === kind);
  return {
    feature: watched.map((one) => ({ feature: column(one) })),
    named: watched.map((one) => ({ feature: column(one), feature_name: one.field.name })),
    profile: watched.filter(({ profile }) => profile !== undefined).map((one) => ({ column: column(one) })),
    timestamp: ofKind('timestamp').map((field) => ({
      ...aliases(field, 'moment', ['seconds']),
      ...secondsScale(field),
    })),
    text: ofKind('text').map((field) => aliases(field, 'words')),
    embedding: ofKind('embedding').map((field) => aliases(field, 'vector', ['items'])),
  };
}

function profiled(of: Field, { as, kind, unit, top }: Profile): WatchedFeature {
  const field: Field = {
    name: `${of.name}:${as}`,
    role: 'feature',
    kind,
    avro: kind === 'numeric' ? 'double' : 'string',
    nullable: true,
    ...(unit === undefined ? {} : { unit }),
  };
  return { field, kind, profile: { of, as }, ...(top === undefined ? {} : { top }) };
}

/** The same list of features is asked for at every window. */
const cache = new WeakMap<readonly ViewedFeature[], readonly WatchedFeature[]>();
