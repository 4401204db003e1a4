import type { Traffic } from './traffic.ts';

/** Names that a version goes by for what it does now. */
export const ALIASES = ['champion', 'challenger', 'shadow'] as const;
export type Alias = (typeof ALIASES)[number];

/** A version under an alias. `share` is the part of the ids that it answers, 0 to 1; 0 for a shadow. */
export interface AliasedVersion {
  readonly alias: Alias;
  readonly version: string;
  readonly share: number;
}

/**
 * The aliases of one model: the champion answers what is not split, a challenger answers some of the ids, a shadow
 * scores without answering. There is one champion at most and there can be several of the others. Shares are those of
 * the newest phase, also when it begins later in event time.
 */
export function aliasesOf({ champions, phases, shadows }: Traffic): AliasedVersion[] {
  const champion = champions.at(-1);
  if (champion === undefined) return [];
  const split = phases.at(-1)?.versions ?? [];
  const total = split.reduce((sum, { weight }) => sum + weight, 0);
  const challengers = split
    .filter(({ version, weight }) => version !== champion && weight > 0)
    .map(({ version, weight }) => ({ alias: 'challenger' as const, version, share: weight / total }));
  const rest = 1 - challengers.reduce((sum, { share }) => sum + share, 0);
  return [
    { alias: 'champion', version: champion, share: rest },
    ...challengers,
    ...shadows.map((version) => ({ alias: 'shadow' as const, version, share: 0 })),
  ];
}

/** Whether a text names a version by what it does. */
export function isAlias(text: string): text is Alias {
  return ALIASES.some((alias) => alias === text);
}

/** The one version under an alias, or why there is not one. */
export function versionUnder(alias: Alias, aliased: readonly AliasedVersion[]): VersionUnder {
  const versions = aliased.filter((one) => one.alias === alias).map(({ version }) => version);
  const [version] = versions;
  if (version === undefined) return { status: 'none', why: `no version is ${alias} now` };
  if (versions.length === 1) return { status: 'ok', version };
  return { status: 'none', why: `${versions.join(' and ')} are ${alias}s now; name one of them` };
}

export type VersionUnder =
  | { readonly status: 'ok'; readonly version: string }
  | { readonly status: 'none'; readonly why: string };
