import type { ModelConfig } from '../../src/config.ts';
import type { CellState } from '../../src/core/evidence/judge-window.ts';
import type { Reference } from '../../src/core/evidence/reference.ts';
import { isWithinAny } from '../../src/core/windows/span.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { PerformanceRow, SkewRow } from '../panes/rows.ts';
import { ruledTexts, watchedFeatures } from '../panes/watched-features.ts';
import { driftReference, keepForDrift } from './drift-reference.ts';
import { BUDGET_SHARES, type PageBudget, splitBudget } from './error-budget.ts';
import type { JointWindow } from './judge-joint.ts';
import { type JointMemory, judgeJointBoth, NO_JOINT_MEMORY } from './judge-joint-both.ts';
import { type ConceptState, judgeLabels, NO_CONCEPT, versionExcess } from './judge-labels.ts';
import { judgeSchemas, type SchemaUsageRow, withValues } from './judge-schema.ts';
import { judgeContractValues, judgeInputs, type WindowFacts } from './judge-serving.ts';
import { judgeSkew } from './judge-skew.ts';
import { orderFindings } from './order-findings.ts';
import { cellKey, type PaneWindow, type VersionReference } from './references.ts';
import type { AskedChange } from './tell-apart.ts';
import type { Verdict } from './verdict.ts';

/**
 * Everything the verdicts on a model depend on besides the window itself: what earlier windows said. Pure
 * functions take it from window to window, so it can be rebuilt from the panes at any time.
 */
export interface JudgedModel {
  /** Cells of distribution skew, of the reference named; another reference starts afresh. */
  readonly skew: { readonly referenceId: string; readonly states: ReadonlyMap<string, CellState> };
  readonly drift: ReadonlyMap<string, CellState>;
  /** The newest serving windows per cell, in the bins of data drift. */
  readonly trailing: ReadonlyMap<string, readonly PaneWindow[]>;
  /** How features go together, as data drift and, of the reference named, as distribution skew. */
  readonly joint: JointMemory;
  readonly concept: ConceptState;
  readonly performance: readonly PerformanceRow[];
  /** What the concept drift that lasts was told to be. */
  readonly change?: AskedChange | undefined;
}

export const NOTHING_JUDGED: JudgedModel = {
  skew: { referenceId: '', states: new Map() },
  drift: new Map(),
  trailing: new Map(),
  joint: NO_JOINT_MEMORY,
  concept: NO_CONCEPT,
  performance: [],
};

export interface JudgeSettings {
  readonly view: ModelView;
  readonly config: ModelConfig;
  readonly budget: PageBudget;
}

/** Distribution skew, data drift and contract verdicts on one serving window. */
export function judgeServingWindow(args: {
  settings: JudgeSettings;
  judged: JudgedModel;
  window: WindowFacts;
  /** Panes in the bins of the serving version, and in the bins of data drift. */
  versionPanes: ReadonlyMap<string, readonly PaneWindow[]>;
  driftPanes: ReadonlyMap<string, readonly PaneWindow[]>;
  reference: VersionReference | undefined;
  driftReference: VersionReference | undefined;
  schemas: readonly SchemaUsageRow[];
  records: number;
  /** How features went together in the window, on the axes of the serving version and of data drift. */
  versionJoint?: JointWindow | undefined;
  driftJoint?: JointWindow | undefined;
}): { verdicts: Verdict[]; judged: JudgedModel } {
  const { settings, judged, window, reference } = args;
  const { view, config } = settings;
  const driftPanes = watchedPanes(view, args.driftPanes);
  const { alpha, evidenceAt } = splitBudget({
    ...settings.budget,
    paneMs: config.pane,
    cells: 2 * driftPanes.size + (args.driftJoint === undefined ? 0 : 2),
    share: BUDGET_SHARES.inputs,
  });
  const limits = {
    paneMs: config.pane,
    minimumRows: config.minimum_rows,
    minimumWindows: config.minimum_windows,
    startUp: config.start_up,
    alpha,
    evidenceAt,
    effectFloor: config.effect_floor,
    closeAfter: config.close_after,
  };
  const before =
    judged.skew.referenceId === (reference?.id ?? '') ? judged.skew.states : new Map<string, CellState>();
  const skew = judgeInputs({
    kind: 'distribution-skew',
    view,
    window,
    panes: args.versionPanes,
    states: before,
    referenceOf: (feature, segment) => reference?.cell(feature, segment),
    categoriesOf: (feature) => reference?.categories.get(feature) ?? [],
    limits,
  });
  const drift = judgeInputs({
    kind: 'data-drift',
    view,
    window,
    panes: driftPanes,
    states: judged.drift,
    referenceOf: referenceOfDrift({ settings, judged, window }),
    categoriesOf: (feature) => args.driftReference?.categories.get(feature) ?? [],
    limits,
  });
  const joint = judgeJointBoth({
    view,
    window,
    config,
    version: args.versionJoint,
    drift: args.driftJoint,
    reference,
    memory: judged.joint,
    limits: { ...limits, floor: config.effect_floor.correlation },
  });
  const values = judgeContractValues({
    view,
    window,
    panes: args.driftPanes,
    allowed: config.effect_floor.violations,
    minimumRows: config.minimum_rows,
    alpha: splitBudget({
      ...settings.budget,
      paneMs: config.pane,
      cells: RULES_A_FEATURE * view.features.length,
      share: BUDGET_SHARES.values,
    }).alpha,
  });
  const schemas = judgeSchemas({ view, window, rows: args.schemas, records: args.records });
  return {
    verdicts: orderFindings([
      ...withValues(schemas, values),
      ...skew.verdicts,
      ...drift.verdicts,
      ...joint.verdicts,
    ]),
    judged: {
      ...judged,
      skew: { referenceId: reference?.id ?? '', states: skew.states },
      drift: drift.states,
      joint: joint.memory,
      trailing: pushWindows({ trailing: judged.trailing, panes: driftPanes, config }),
    },
  };
}

/** Concept-drift verdicts on one window of labels. */
export function judgeLabelWindow(args: {
  settings: JudgeSettings;
  judged: JudgedModel;
  window: WindowFacts;
  rows: readonly PerformanceRow[];
  losses: readonly number[];
  reference: VersionReference | undefined;
}): { verdicts: Verdict[]; judged: JudgedModel } {
  const { settings, judged } = args;
  const { config } = settings;
  const { evidenceAt } = splitBudget({
    ...settings.budget,
    paneMs: config.pane,
    cells: CONCEPT_CELLS,
    // Windows are not judged alone, so evidence has both halves.
    share: 2 * BUDGET_SHARES.concept,
  });
  const { verdicts, state } = judgeLabels({
    ...args,
    view: settings.view,
    state: judged.concept,
    past: judged.performance,
    limits: {
      minimumRows: config.minimum_rows,
      minimumWindows: config.minimum_windows,
      evidenceAt,
      closeAfter: config.close_after,
      nats: config.effect_floor.nats,
      share: config.effect_floor.share / 2,
    },
  });
  const { startMs } = args.window;
  const usual = !isWithinAny(startMs, config.pane, config.reference.exclude);
  const all = args.rows.filter(({ segment }) => segment === '' && usual);
  const { rows, reference } = args;
  const excess = usual && reference !== undefined ? versionExcess({ rows, reference, startMs }) : undefined;
  return {
    verdicts:
      excess === undefined
        ? verdicts
        : verdicts.map((verdict) => (verdict.feature === 'log_loss' ? { ...verdict, excess } : verdict)),
    judged: {
      ...judged,
      concept: state,
      performance: [...judged.performance, ...all].slice(-LABEL_WINDOWS * config.trailing),
    },
  };
}

/** Feature-skew verdicts on one joined window. */
export function judgeSkewWindow(args: {
  settings: JudgeSettings;
  window: WindowFacts;
  rows: readonly SkewRow[];
}): Verdict[] {
  const { config, budget, view } = args.settings;
  const { alpha } = splitBudget({
    ...budget,
    paneMs: config.pane,
    cells: args.rows.length,
    share: BUDGET_SHARES.featureSkew,
  });
  return judgeSkew({
    view,
    window: args.window,
    rows: args.rows,
    floor: config.effect_floor.mismatch,
    alpha,
    minimumRows: MINIMUM_JOINED,
  });
}

/** Panes of what is watched, without those that only the contract says something about. */
function watchedPanes(
  view: ModelView,
  panes: ReadonlyMap<string, readonly PaneWindow[]>,
): ReadonlyMap<string, readonly PaneWindow[]> {
  const texts = ruledTexts(view.features).map(({ field }) => cellKey(field.name, ''));
  if (texts.length === 0) return panes;
  return new Map([...panes].filter(([key]) => !texts.some((prefix) => key.startsWith(prefix))));
}

/** Earlier windows of the cell, without the current one. */
function referenceOfDrift(args: { settings: JudgeSettings; judged: JudgedModel; window: WindowFacts }) {
  const { view, config } = args.settings;
  return (feature: string, segment: string): Reference =>
    driftReference({
      windows: args.judged.trailing.get(cellKey(feature, segment)) ?? [],
      kind: watchedFeatures(view.features).find(({ field }) => field.name === feature)?.kind ?? 'categorical',
      config,
      startMs: args.window.startMs,
    });
}

function pushWindows(args: {
  trailing: ReadonlyMap<string, readonly PaneWindow[]>;
  panes: ReadonlyMap<string, readonly PaneWindow[]>;
  config: ModelConfig;
}): Map<string, readonly PaneWindow[]> {
  const next = new Map(args.trailing);
  for (const [key, newest] of args.panes)
    next.set(key, keepForDrift({ windows: next.get(key) ?? [], newest, config: args.config }));
  return next;
}

/** Tests of the values of one field against the contract, at most: presence, NaN, infinities. Its range and domain are no tests. */
const RULES_A_FEATURE = 3;
/** Log-loss and calibration gap. */
export const CONCEPT_CELLS = 2;
/** Label windows kept, in trailing ones: how much they depend on each other takes many to tell. */
const LABEL_WINDOWS = 4;
/** Joined examples below which a mismatch fraction says nothing. */
const MINIMUM_JOINED = 20;
