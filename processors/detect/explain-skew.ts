import {
  type Fingerprint,
  type Named,
  nameFingerprint,
} from '../../src/core/fingerprints/name-fingerprint.ts';
import type { Pair } from '../../src/core/fingerprints/pair.ts';
import { findWhere, type Where } from '../../src/core/fingerprints/where.ts';
import type { ModelView, ViewedFeature } from '../panes/model-view.ts';
import { short } from './describe.ts';
import { fingerprintKind, type SkewPairs } from './skew-pairs.ts';
import type { Verdict } from './verdict.ts';

/**
 * Says what made the values differ: ends the sentences of a window's feature-skew verdicts with the name of the
 * transform, where it is and since when. Per feature the pairs are read once: over all examples where those
 * drift, else in the smallest segment that does.
 */
export async function explainSkew(args: {
  view: ModelView;
  verdicts: readonly Verdict[];
  pairsOf(of: { feature: ViewedFeature; segment: string }): Promise<SkewPairs>;
}): Promise<readonly Verdict[]> {
  const { view } = args;
  let verdicts = args.verdicts;
  for (const feature of view.features) {
    const read = whichToRead(verdicts.filter((verdict) => verdict.feature === feature.field.name));
    if (read === undefined) continue;
    const pairs = await args.pairsOf({ feature, segment: read.segment });
    const cause = causeOf({ feature, pairs, mismatches: mismatchesOf(read) });
    verdicts = verdicts.map((verdict) =>
      isAbout(verdict, read, cause) ? withCause(verdict, cause) : verdict,
    );
  }
  return verdicts;
}

interface Cause {
  readonly fingerprint: Fingerprint;
  readonly where: Where;
  readonly sentence: string;
}

function whichToRead(verdicts: readonly Verdict[]): Verdict | undefined {
  const drifting = verdicts.filter(({ verdict }) => verdict === 'drift');
  const whole = drifting.find(({ segment }) => segment === '');
  return whole ?? drifting.toSorted((a, b) => a.n - b.n || (a.segment < b.segment ? -1 : 1))[0];
}

/** The verdict whose pairs were read, and the one on the segment that they point to. */
function isAbout(verdict: Verdict, read: Verdict, cause: Cause): boolean {
  const { place } = cause.where;
  if (verdict.feature !== read.feature || verdict.verdict !== 'drift') return false;
  return verdict.segment === read.segment || verdict.segment === `${place?.attribute}=${place?.value}`;
}

function withCause(verdict: Verdict, { fingerprint, where, sentence }: Cause): Verdict {
  return {
    ...verdict,
    evidence: `${verdict.evidence}; ${sentence}`,
    detail: { ...verdict.detail, fingerprint, where },
  };
}

/** Mismatching examples as the verdict counted them. */
function mismatchesOf(verdict: Verdict): number {
  return Math.round((verdict.value ?? 0) * verdict.n);
}

/** Names the cause of pairs that were read. Pure. */
export function causeOf(args: { feature: ViewedFeature; pairs: SkewPairs; mismatches: number }): Cause {
  const { feature, pairs } = args;
  const { mismatching, matching } = pairs;
  const totals = {
    mismatching: Math.max(args.mismatches, mismatching.length),
    matching: pairs.matchingTotal,
  };
  const fingerprint = nameFingerprint({
    pairs: mismatching,
    matching,
    totals,
    kind: fingerprintKind(feature.field),
    ...(feature.field.unit === undefined ? {} : { unit: feature.field.unit }),
  });
  const where = findWhere({ mismatching, matching, totals });
  const ids = totals.mismatching === mismatching.length ? '' : ` of ${totals.mismatching}`;
  return { fingerprint, where, sentence: `${saidOf(fingerprint, mismatching, ids)}${placeOf(where)}` };
}

function saidOf(fingerprint: Fingerprint, mismatching: readonly Pair[], ids: string): string {
  if (fingerprint.status === 'insufficient')
    return `cause: insufficient, ${fingerprint.have} of ${fingerprint.need} ids`;
  if (fingerprint.status === 'no single cause') return `no single cause, ${fingerprint.n}${ids} ids`;
  const { alsoPossible } = fingerprint;
  const others = alsoPossible.length === 0 ? '' : ` (or ${alsoPossible.map(wordsOf).join(', or ')})`;
  const share = short(Math.round(1_000 * fingerprint.coverage) / 10);
  return `${wordsOf(fingerprint)}${others}, ${share}% of ${mismatching.length}${ids} ids`;
}

/** The transform in words, with its name unless the words begin with it or say it. */
function wordsOf({ name, parameters }: Named): string {
  return parameters.includes(name) ? parameters : `${parameters} (${name})`;
}

function placeOf({ place, sinceMs }: Where): string {
  const only = place === undefined ? '' : `, ${onlyOf(place)}`;
  const since =
    sinceMs === undefined ? '' : `, since ${new Date(sinceMs).toISOString().slice(0, 16).replace('T', ' ')}`;
  return `${only}${since}`;
}

function onlyOf(place: NonNullable<Where['place']>): string {
  const name = `${place.attribute}=${place.value}`;
  return place.carries === 1 ? `only ${name}` : `${short(100 * place.carries)}% in ${name}`;
}
