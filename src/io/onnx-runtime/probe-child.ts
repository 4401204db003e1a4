import { Worker } from 'node:worker_threads';
import { sentence } from '../../errors.ts';
import { loadScorer } from './load-scorer.ts';
import { type ProbeArgs, type ProbeResult, TIMEOUT_MS } from './probe.ts';
import type { ScorerInfo } from './scorer.ts';

/** Float32 answers of one model on two builds of the runtime differ by less than this. */
const TOLERANCE = 1e-5;

/** One model, one batch, one report; probeModel starts this process and watches it. */
process.once('message', async (message) => {
  // probeModel is the only sender.
  const args = message as ProbeArgs;
  endWithoutParent(args.timeoutMs ?? TIMEOUT_MS);
  const result = await probe(args);
  process.send?.(result, () => process.disconnect());
});

/**
 * The runtime blocks this thread, so a parent that was killed would leave an endless model running. A second thread
 * ends the process when the parent's time limit has passed twice.
 */
function endWithoutParent(timeoutMs: number): void {
  const code =
    "setTimeout(() => process.kill(process.pid, 'SIGKILL'), require('node:worker_threads').workerData)";
  new Worker(code, { eval: true, workerData: 2 * timeoutMs }).unref();
}

async function probe({ bytes, sha256, golden }: ProbeArgs): Promise<ProbeResult> {
  try {
    const scorer = await loadScorer({ bytes, sha256 });
    const scores = await scorer.score(golden.columns);
    await scorer.close();
    const reasons = problems(scores, scorer.info, golden);
    if (reasons.length > 0) return { status: 'refused', reasons };
    return { status: 'ok', scores, peakBytes: process.resourceUsage().maxRSS * 1024 };
  } catch (error) {
    return { status: 'refused', reasons: [sentence(error)] };
  }
}

function problems(
  scores: Float32Array,
  { output, width }: Pick<ScorerInfo, 'output' | 'width'>,
  golden: ProbeArgs['golden'],
): string[] {
  const limit = output === 'prediction' ? Number.POSITIVE_INFINITY : 1;
  const rowOf = (at: number): number => Math.floor(at / width);
  const wrong = scores.findIndex((score) => !(Math.abs(score) <= limit && (limit > 1 || score >= 0)));
  if (wrong !== -1) return [`row ${rowOf(wrong)} of the golden batch is answered with ${scores[wrong]}`];
  const { expected } = golden;
  if (expected === undefined) return [];
  if (expected.length !== scores.length) {
    return [`the golden batch has ${scores.length} answers but ${expected.length} expected ones`];
  }
  const tolerance = golden.tolerance ?? TOLERANCE;
  const off = scores.findIndex(
    (score, row) => !(Math.abs(score - (expected[row] ?? Number.NaN)) <= tolerance),
  );
  return off === -1
    ? []
    : [
        `row ${rowOf(off)} of the golden batch is answered with ${scores[off]}, expected was ${expected[off]}`,
      ];
}
