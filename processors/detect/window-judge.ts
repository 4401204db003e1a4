import { z } from 'zod';
import type { ModelConfig } from '../../src/config.ts';
import type { JointSignature } from '../../src/core/joint/joint-signature.ts';
import { DriftwatchError } from '../../src/errors.ts';
import type { ClickHouse } from '../../src/io/clickhouse/client.ts';
import type { ModelView } from '../panes/model-view.ts';
import type { OffsetRanges } from '../panes/rows.ts';
import { estimatePerformance, takePredictions } from './estimate-performance.ts';
import { explainSkew } from './explain-skew.ts';
import type { JointWindow } from './judge-joint.ts';
import {
  type JudgedModel,
  type JudgeSettings,
  judgeLabelWindow,
  judgeServingWindow,
  judgeSkewWindow,
  NOTHING_JUDGED,
} from './judged-model.ts';
import type { Span, WindowReader } from './read-window.ts';
import { cellKey, loadVersionReference, type PaneWindow, type VersionReference } from './references.ts';
import { STAGES, type StageName, type Task } from './stage.ts';
import { type AskedChange, nameChange, windowsToAsk, withChange } from './tell-apart.ts';
import type { Verdict } from './verdict.ts';

/**
 * Decides windows from their panes, one after the other, remembering what each window left behind. Going
 * back to a window puts the memory where it was before that window, so that late rows are judged as if they
 * had come in time.
 */
export interface WindowJudge {
  /** Verdicts on the window of a task; undefined when it has no pane, since it has no rows. */
  decide(task: Task): Promise<readonly Verdict[] | undefined>;
  /**
   * Forgets the window and everything after it in its stage; decide them again in order. Of the far past only every
   * hundredth memory is kept, and windows since then are decided again here.
   */
  goBack(stage: StageName, startMs: number): Promise<void>;
  /** Reference of a model version, fitted the first time; undefined when the version is not registered. */
  versionReference(version: string): Promise<VersionReference | undefined>;
  /** The reference whose bins data drift keeps: its history must not end with every release. */
  driftReference(): Promise<VersionReference | undefined>;
}

export function openWindowJudge(args: {
  clickhouse: ClickHouse;
  view: ModelView;
  config: ModelConfig;
  budget: JudgeSettings['budget'];
  read: WindowReader;
}): WindowJudge {
  const { clickhouse, view, config, read } = args;
  const settings: JudgeSettings = { view, config, budget: args.budget };
  const versions = new Map<string, VersionReference>();
  const memories = new Map(STAGES.map((stage) => [stage, new Map<number, JudgedModel>()]));
  let judged: JudgedModel = NOTHING_JUDGED;
  let first: string | undefined;

  async function versionReference(version: string): Promise<VersionReference | undefined> {
    const known = versions.get(version);
    if (known !== undefined || version === '') return known;
    const loaded = await loadVersionReference({
      clickhouse,
      view,
      version,
      config,
    });
    if (loaded !== undefined) versions.set(version, loaded);
    return loaded;
  }

  async function driftReference(): Promise<VersionReference | undefined> {
    if (first === undefined) {
      const rows = await clickhouse.rows(
        'first-version',
        { model: view.model },
        z.object({ version: z.string() }),
      );
      first = rows[0]?.version;
    }
    return first === undefined ? undefined : versionReference(first);
  }

  function remember(stage: StageName, startMs: number): void {
    const of = memories.get(stage);
    of?.set(startMs, judged);
    const old = startMs - KEPT * config.pane;
    if (old % (CHECKPOINT * config.pane) !== 0) of?.delete(old);
  }

  /** Newest memory at or before the window. */
  function memoryOf(stage: StageName, startMs: number): { startMs: number; then: JudgedModel } | undefined {
    const kept = [...(memories.get(stage) ?? [])].filter(([at]) => at <= startMs);
    const [at, then] = kept.reduce((a, b) => (b[0] > a[0] ? b : a), kept[0] ?? [0, NOTHING_JUDGED]);
    return kept.length === 0 ? undefined : { startMs: at, then };
  }

  async function decideServing(window: Span, facts: Facts): Promise<readonly Verdict[]> {
    const drift = await driftReference();
    const reference = await versionReference(facts.version);
    const panesIn = (binsId: string) => read.panes({ stream: 'serving', binsId, ...window });
    const same = reference?.id === drift?.id;
    const signatureIn = async (of: VersionReference | undefined) =>
      of?.joint === undefined || !config.joint ? undefined : read.joint({ ...window, binsId: of.id });
    const [driftPanes, otherPanes, schemas, driftSums, otherSums] = await Promise.all([
      panesIn(drift?.id ?? ''),
      same ? undefined : panesIn(reference?.id ?? ''),
      sinceTheLastPane(window, facts).then((ranges) => read.schemas({ ...window, ranges })),
      signatureIn(drift),
      same ? undefined : signatureIn(reference),
    ]);
    const version = takePredictions(view, otherPanes ?? driftPanes);
    const ofDrift = same ? version.panes : takePredictions(view, driftPanes).panes;
    const driftJoint = jointWindow(drift, driftSums, ofDrift);
    const result = judgeServingWindow({
      settings,
      judged,
      window: facts,
      versionPanes: version.panes,
      driftPanes: ofDrift,
      reference,
      driftReference: drift,
      schemas,
      records: facts.rows,
      driftJoint,
      versionJoint: same ? driftJoint : jointWindow(reference, otherSums, version.panes),
    });
    judged = result.judged;
    // What predictions imply before labels is known for probabilities of one class only.
    if (reference === undefined || view.task !== 'classification') return result.verdicts;
    const minimumRows = config.minimum_rows;
    const { predictions } = version;
    return [
      ...result.verdicts,
      estimatePerformance({ view, window: facts, predictions, reference, minimumRows }),
    ];
  }

  /**
   * Offsets since the end of the pane before: what could not be stored has no event time of its own, and
   * counts for the pane whose rows come next in its partition.
   */
  async function sinceTheLastPane(window: Span, facts: Facts): Promise<OffsetRanges> {
    const binsId = (await driftReference())?.id ?? '';
    const earlier = await read.revisionBefore({ stream: 'serving', binsId, startMs: window.fromMs });
    const { partitions, firstOffsets, endOffsets } = facts.ranges;
    const from = partitions.map((partition, index) => {
      const end = earlier?.end_offsets[earlier.partitions.indexOf(partition)];
      return Math.min(end ?? Number.MAX_SAFE_INTEGER, firstOffsets[index] ?? 0);
    });
    return { partitions, firstOffsets: from, endOffsets };
  }

  async function decideLabels(window: Span, facts: Facts): Promise<readonly Verdict[]> {
    const [version, rows, losses] = await Promise.all([
      read.servingVersion(window),
      read.performance(window),
      read.losses(window),
    ]);
    const result = judgeLabelWindow({
      settings,
      judged,
      window: { ...facts, version },
      rows,
      losses,
      reference: await versionReference(version),
    });
    const asked = await changeOf({ verdicts: result.verdicts, window, version });
    judged = { ...result.judged, change: asked };
    return asked === undefined ? result.verdicts : withChange(result.verdicts, asked.change);
  }

  /** What a concept drift is: asked in the window that finds it, and again while rows are too few to tell. */
  async function changeOf(args: {
    verdicts: readonly Verdict[];
    window: Span;
    version: string;
  }): Promise<AskedChange | undefined> {
    if (view.task !== 'classification') return undefined;
    const drift = args.verdicts.filter(({ verdict }) => verdict === 'drift');
    if (drift.length === 0) return undefined;
    const { version } = args;
    const beganMs = Math.min(...drift.map((verdict) => verdict.beganMs));
    const before = judged.change;
    const span = windowsToAsk({ before, beganMs, untilMs: args.window.untilMs });
    if (span === undefined) return before;
    const beforeMs = span.fromMs - config.trailing * config.pane;
    const [reference, current] = await Promise.all([
      read.labelled({ fromMs: beforeMs, untilMs: span.fromMs, version, most: MOST_LABELLED }),
      read.labelled({ ...span, version, most: MOST_LABELLED }),
    ]);
    return { change: nameChange({ reference, current }), ...span };
  }

  async function decide(task: Task): Promise<readonly Verdict[] | undefined> {
    remember(task.stage, task.startMs);
    const window = { fromMs: task.startMs, untilMs: task.startMs + config.pane };
    const binsId = task.stage === 'serving' ? ((await driftReference())?.id ?? '') : '';
    const revision = await read.revision({ stream: task.stage, binsId, startMs: task.startMs });
    if (revision === undefined) return undefined;
    const ranges = {
      partitions: revision.partitions,
      firstOffsets: revision.first_offsets,
      endOffsets: revision.end_offsets,
    };
    const facts: Facts = {
      startMs: window.fromMs,
      endMs: window.untilMs,
      revision: revision.revision,
      version: revision.version,
      ranges,
      joinedRanges: {
        partitions: revision.joined_partitions,
        firstOffsets: revision.joined_first_offsets,
        endOffsets: revision.joined_end_offsets,
      },
      streamTimeMs: task.readyMs,
      rows: revision.rows,
    };
    if (task.stage === 'serving') return decideServing(window, facts);
    if (task.stage === 'labels') return decideLabels(window, facts);
    const rows = await read.skew({ startMs: task.startMs, revision: revision.revision });
    if (rows.length === 0 && view.features.length > 0) throw withoutCounts(task);
    const verdicts = judgeSkewWindow({ settings, window: facts, rows });
    return explainSkew({ view, verdicts, pairsOf: (of) => read.skewPairs({ ...window, ...of }) });
  }

  return {
    versionReference,
    driftReference,
    decide,
    async goBack(stage, startMs) {
      const memory = memoryOf(stage, startMs);
      if (memory === undefined || stage === 'skew') return;
      const { skew, drift, trailing, joint, concept, performance, change } = memory.then;
      judged =
        stage === 'serving'
          ? { ...judged, skew, drift, trailing, joint }
          : { ...judged, concept, performance, change };
      for (let at = memory.startMs; at < startMs; at += config.pane)
        await decide({ stage, startMs: at, revision: 0, readyMs: at + config.pane });
    },
  };
}

function jointWindow(
  reference: VersionReference | undefined,
  signature: JointSignature | undefined,
  panes: ReadonlyMap<string, readonly PaneWindow[]>,
): JointWindow | undefined {
  const basis = reference?.joint;
  // A pane summed on other axes, by a version that had fewer, says nothing on these.
  if (basis === undefined || signature?.sums.length !== basis.axes.length) return undefined;
  return { basis, signature, countsOf: (feature) => panes.get(cellKey(feature, ''))?.[0]?.pane };
}

function withoutCounts({ stage, startMs }: Task): DriftwatchError {
  return new DriftwatchError({
    code: 'INVARIANT_BROKEN',
    message: `The ${stage} pane of ${new Date(startMs).toISOString()} has a revision and no counts.`,
    next: 'It is reduced again; if this goes on, look at its rows in pane_revisions and skew_panes.',
  });
}

/** Labelled rows of each side that tell what a concept drift is; the work grows with them. */
const MOST_LABELLED = 8_000;

interface Facts {
  readonly startMs: number;
  readonly endMs: number;
  readonly revision: number;
  readonly version: string;
  readonly ranges: OffsetRanges;
  readonly joinedRanges: OffsetRanges;
  readonly streamTimeMs: number;
  readonly rows: number;
}

/** Memories of so many newest windows are all kept, and of those before every hundredth. */
const KEPT = 200;
const CHECKPOINT = 100;
