import type { SequenceOptions } from '../experiments/confidence-sequence.ts';
import { decideExperiment, type ExperimentDecision } from '../experiments/decide-experiment.ts';
import { addLabel, classOfDelay, experimentGain, startExperiment } from '../experiments/experiment.ts';
import { sampleRatio } from '../experiments/sample-ratio.ts';
import type { Random } from '../random.ts';
import { type ExperimentRow, HOUR_MS } from './experiment-rows.ts';

export interface SimulatedExperiment {
  readonly action: ExperimentDecision['action'];
  /** Labels that had come when it ended. */
  readonly labels: number;
  /** Answers that had been given. */
  readonly answers: number;
}

/** One simulated experiment, looked at after every answer until it decides or its answers end. */
export function runExperiment(args: {
  random: Random;
  row: () => ExperimentRow;
  answers: number;
  options: SequenceOptions;
  /** The challenger's share of the answers. */
  share: number;
  /** Guess of the loss of a row that one version scored; the mean loss so far unless given. */
  expected?: number;
  /** `both`: each example is scored by both versions. */
  scored: 'one' | 'both';
  /** `none`: every label comes an hour after its answer, so that looking begins with the first labels. */
  late: 'weighted' | 'unweighted' | 'none';
}): SimulatedExperiment {
  const { share } = args;
  const delaysMs = args.late === 'none' ? [HOUR_MS] : DELAYS_MS;
  let experiment = startExperiment({ options: args.options, delaysMs });
  const waiting: Waiting[][] = delaysMs.map(() => []);
  const heads = delaysMs.map(() => 0);
  const arms = { champion: 0, challenger: 0 };
  let labels = 0;
  for (let answers = 1; answers <= args.answers; answers += 1) {
    const nowMs = (answers * HOUR_MS) / ANSWERS_PER_HOUR;
    const drawn = args.row();
    const row = args.late === 'none' ? { ...drawn, delayMs: 0 } : drawn;
    const arm = args.random() < share ? 'challenger' : 'champion';
    arms[arm] += 1;
    const at = classOfDelay(delaysMs, row.delayMs);
    if (at !== undefined) waiting[at]?.push({ ...row, arm, readyMs: nowMs + (delaysMs[at] ?? 0) });
    const before = labels;
    for (const [index, queue] of waiting.entries()) {
      for (let next = queue[heads[index] ?? 0]; next !== undefined && next.readyMs <= nowMs; ) {
        const { arm, delayMs, champion, challenger } = next;
        experiment = addLabel(experiment, {
          arm,
          delayMs,
          share,
          loss: next[arm],
          ...(args.scored === 'both' ? { other: arm === 'champion' ? challenger : champion } : {}),
          ...(args.expected === undefined ? {} : { expected: args.expected }),
        });
        labels += 1;
        heads[index] = (heads[index] ?? 0) + 1;
        next = queue[heads[index] ?? 0];
      }
    }
    if (labels === before || labels < args.options.minimum) continue;
    const ripe = delaysMs.map((delay) =>
      args.late === 'unweighted'
        ? answers
        : Math.max(0, Math.floor(((nowMs - delay) * ANSWERS_PER_HOUR) / HOUR_MS)),
    );
    const gain = experimentGain(experiment, { answers, ripe });
    const { action } = decideExperiment({ gain, ratio: sampleRatio({ ...arms, share }) });
    if (action === 'promote' || action === 'roll back') return { action, labels, answers };
  }
  return { action: 'go on', labels, answers: args.answers };
}

interface Waiting extends ExperimentRow {
  readonly arm: 'champion' | 'challenger';
  readonly readyMs: number;
}

const DELAYS_MS = [1, 3, 8, 24, 72].map((hours) => hours * HOUR_MS);
const ANSWERS_PER_HOUR = 100;
