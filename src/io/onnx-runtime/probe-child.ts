import { sentence } from '../../errors.ts';
import { loadScorer } from './load-scorer.ts';
import type { ProbeArgs, ProbeResult } from './probe.ts';

/** Float32 answers of one model on two builds of the runtime differ by less than this. */
const TOLERANCE = 1e-5;

/** One model, one batch, one report; probeModel starts this process and watches it. */
process.once('message', async (message) => {
  // probeModel is the only sender.
  const result = await probe(message as ProbeArgs);
  process.send?.(result, () => process.disconnect());
});

async function probe({ bytes, sha256, golden }: ProbeArgs): Promise<ProbeResult> {
  try {
    const scorer = await loadScorer({ bytes, sha256 });
    const scores = await scorer.score(golden.columns);
    await scorer.close();
    const reasons = problems(scores, scorer.info.output, golden);
    if (reasons.length > 0) return { status: 'refused', reasons };
    return { status: 'ok', scores, peakBytes: process.resourceUsage().maxRSS * 1024 };
  } catch (error) {
    return { status: 'refused', reasons: [sentence(error)] };
  }
}

function problems(scores: Float32Array, output: string, golden: ProbeArgs['golden']): string[] {
  const limit = output === 'probability' ? 1 : Number.POSITIVE_INFINITY;
  const wrong = scores.findIndex((score) => !(Math.abs(score) <= limit && (limit > 1 || score >= 0)));
  if (wrong !== -1) return [`row ${wrong} of the golden batch is answered with ${scores[wrong]}`];
  const { expected } = golden;
  if (expected === undefined) return [];
  if (expected.length !== scores.length) {
    return [`the golden batch has ${scores.length} rows but ${expected.length} expected answers`];
  }
  const tolerance = golden.tolerance ?? TOLERANCE;
  const off = scores.findIndex(
    (score, row) => !(Math.abs(score - (expected[row] ?? Number.NaN)) <= tolerance),
  );
  return off === -1
    ? []
    : [`row ${off} of the golden batch is answered with ${scores[off]}, expected was ${expected[off]}`];
}
