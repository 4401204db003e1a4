import type { EffectSize } from '../../src/core/evidence/effect-size.ts';
import { judgeValueRules } from '../../src/core/evidence/judge-value-rules.ts';
import { judgeValues } from '../../src/core/evidence/judge-values.ts';
import { type CellState, FIRST_WINDOW, judgeWindow } from '../../src/core/evidence/judge-window.ts';
import type { Reference } from '../../src/core/evidence/reference.ts';
import type { Judgement, Limits } from '../../src/core/evidence/window-judgement.ts';
import type { DriftKind } from '../../src/core/incidents/finding.ts';
import type { ModelView, ViewedFeature } from '../panes/model-view.ts';
import type { OffsetRanges } from '../panes/rows.ts';
import { cellOf, watchedFeatures } from '../panes/watched-features.ts';
import { describeDifference, describeEvidence, owedVerdict, short } from './describe.ts';
import { cellKey, type PaneWindow } from './references.ts';
import type { Verdict } from './verdict.ts';

/**
 * All verdicts on one serving window against one kind of reference: distribution skew against the training
 * snapshot, or data drift against earlier windows. Pure: states go in, states come out.
 */
export function judgeInputs(args: {
  kind: DriftKind & ('distribution-skew' | 'data-drift');
  view: ModelView;
  window: WindowFacts;
  panes: ReadonlyMap<string, readonly PaneWindow[]>;
  states: ReadonlyMap<string, CellState>;
  referenceOf: (feature: string, segment: string) => Reference | undefined;
  categoriesOf: (feature: string) => readonly string[];
  limits: Limits;
}): { verdicts: Verdict[]; states: Map<string, CellState> } {
  const states = new Map(args.states);
  const verdicts: Verdict[] = [];
  for (const feature of watchedFeatures(args.view.features)) {
    for (const segment of segmentsOf(args.panes, feature)) {
      const key = cellKey(feature.field.name, segment);
      const pane = args.panes.get(key)?.[0]?.pane;
      if (pane === undefined) continue;
      const reference = args.referenceOf(feature.field.name, segment);
      if (reference === undefined) {
        verdicts.push(noReference({ ...args, feature, segment, n: pane.n }));
        continue;
      }
      const { state, judgement } = judgeWindow({
        state: states.get(key) ?? FIRST_WINDOW,
        startMs: args.window.startMs,
        pane,
        reference,
        limits: args.limits,
      });
      states.set(key, state);
      const said = describeDifference({
        field: feature.field,
        reference: reference.merged,
        current: pane,
        categories: args.categoriesOf(feature.field.name),
      });
      verdicts.push(verdictOf({ ...args, feature, segment, judgement, reference, said }));
    }
  }
  return { verdicts, states };
}

/** Values against the contract, on all rows of the window. */
export function judgeContractValues(args: {
  view: ModelView;
  window: WindowFacts;
  panes: ReadonlyMap<string, readonly PaneWindow[]>;
  allowed: number;
  alpha: number;
  minimumRows: number;
}): Verdict[] {
  const { allowed, alpha, minimumRows } = args;
  return args.view.features.flatMap(({ field }) => {
    const pane = args.panes.get(cellKey(cellOf(field), ''))?.[0]?.pane;
    if (pane === undefined) return [];
    const own = args.panes.get(cellKey(field.name, ''))?.[0]?.pane ?? pane;
    const judgements = [
      ...judgeValues({ field, pane, allowed, alpha }),
      ...judgeValueRules({ field, pane: own, allowed, minimumRows }),
    ];
    return judgements.map((judged) => ({
      ...base({ ...args, kind: 'schema-skew' }),
      feature: field.name,
      segment: '',
      verdict: judged.verdict,
      statistic: judged.class,
      ...(judged.verdict === 'insufficient' ? {} : { value: judged.share, effect: judged.share }),
      ...(judged.pValue === undefined ? {} : { pValue: judged.pValue }),
      effectUnit: 'share',
      effectFloor: judged.limit,
      threshold: judged.pValue === undefined ? 0 : alpha,
      n: judged.n,
      m: 0,
      need: judged.need ?? 0,
      referenceId: 'contract',
      detail: {
        law: judged.pValue === undefined ? 'rule of the contract' : 'exact binomial',
        count: judged.count,
        ...(judged.values === undefined ? {} : { values: judged.values }),
        ...(judged.edit === undefined ? {} : { edit: judged.edit }),
      },
      beganMs: args.window.startMs,
      evidence: `${judged.class}: ${judged.verdict === 'insufficient' ? 'insufficient, ' : ''}${judged.says}`,
      harmful: true,
    }));
  });
}

/** What all verdicts on one window share. */
export interface WindowFacts {
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  readonly version: string;
  readonly ranges: OffsetRanges;
  /** Of the other side of a join. */
  readonly joinedRanges?: OffsetRanges;
  /** Rows in the window, those of a joined topic included. */
  readonly rows: number;
  readonly streamTimeMs: number;
}

export function base(args: { kind: DriftKind; view: ModelView; window: WindowFacts }) {
  const { window, kind } = args;
  const { topics } = args.view;
  const other =
    kind === 'concept-drift' ? topics.serving : kind === 'feature-skew' ? topics.training : undefined;
  const { joinedRanges } = window;
  return {
    model: args.view.model,
    kind,
    windowStartMs: window.startMs,
    windowEndMs: window.endMs,
    revision: window.revision,
    version: window.version,
    topic: kind === 'concept-drift' ? topics.labels : topics.serving,
    ranges: window.ranges,
    ...(other === undefined || joinedRanges === undefined
      ? {}
      : { joined: { topic: other, ranges: joinedRanges } }),
    rows: window.rows,
    streamTimeMs: window.streamTimeMs,
  };
}

function segmentsOf(panes: ReadonlyMap<string, readonly PaneWindow[]>, feature: ViewedFeature): string[] {
  const prefix = cellKey(feature.field.name, '');
  return [...panes.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .sort();
}

function verdictOf(args: {
  kind: DriftKind;
  view: ModelView;
  window: WindowFacts;
  feature: ViewedFeature;
  segment: string;
  judgement: Judgement;
  reference: Reference;
  limits: Limits;
  said: string;
}): Verdict {
  const { judgement, limits, reference, window } = args;
  const common = {
    ...base(args),
    feature: args.feature.field.name,
    segment: args.segment,
    statistic: 'psi',
    threshold: limits.alpha,
    referenceId: reference.id,
    n: judgement.n,
    m: judgement.m,
    harmful: true,
  };
  if (judgement.verdict === 'insufficient')
    return { ...common, effectUnit: '', effectFloor: 0, ...owedVerdict(judgement, window) };
  const { effect, channel, psi } = judgement;
  const index = psi.status === 'ok' ? `PSI ${short(psi.value)}` : `PSI of ${psi.have} rows needs ${psi.need}`;
  const why = describeEvidence(judgement);
  return {
    ...common,
    verdict: judgement.verdict,
    ...(psi.status === 'ok' ? { value: psi.value } : {}),
    pValue: judgement.pValue,
    effect: effect.value,
    effectUnit: effect.unit,
    effectFloor: limits.effectFloor[effect.unit],
    need: 0,
    detail: {
      law: judgement.law,
      ...(psi.status === 'ok' ? { bins: psi.bins } : { psi_needs: psi.need, psi_has: psi.have }),
      ...(judgement.distinct === undefined ? {} : { distinct: judgement.distinct }),
      over_windows: judgement.evidence,
      ...(judgement.tests.windows === 1 ? { over_windows_threshold: limits.evidenceAt } : {}),
      judged_alone: judgement.tests.window === 1,
      leader: judgement.leader,
      channel,
      reference_windows: reference.windows,
    },
    beganMs: judgement.sinceMs,
    evidence: `${args.said}, ${sizeOf(judgement)}, ${index}, ${why}`,
  };
}

function sizeOf({ effect, distinct }: Extract<Judgement, { effect: EffectSize }>): string {
  if (effect.unit === 'share') return `${short(100 * effect.value)}% of rows moved`;
  if (effect.unit === 'sd') return `${effect.direction < 0 ? '-' : '+'}${short(effect.value)} sd`;
  return `${short(distinct?.current ?? 0)} different values where ${short(distinct?.usual ?? 0)} are usual`;
}

function noReference(args: {
  kind: DriftKind;
  view: ModelView;
  window: WindowFacts;
  feature: ViewedFeature;
  segment: string;
  n: number;
}): Verdict {
  return {
    ...base(args),
    feature: args.feature.field.name,
    segment: args.segment,
    verdict: 'no-reference',
    statistic: 'psi',
    effectUnit: '',
    effectFloor: 0,
    threshold: 0,
    n: args.n,
    m: 0,
    need: 0,
    referenceId: '',
    detail: {},
    beganMs: args.window.startMs,
    evidence: 'no reference for this segment',
    harmful: false,
  };
}
