import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardNormal } from '../../../src/core/evaluation/joint-rows.ts';
import { type Baseline, EMPTY_BASELINE, extendBaseline } from '../../../src/core/evidence/baseline.ts';
import { NO_SCORES, newsScores, type PastScores } from '../../../src/core/evidence/news-scores.ts';
import { extendPast, scoreLaw, scoreOf, startPast } from '../../../src/core/evidence/past-scores.ts';
import type { Random } from '../../../src/core/random.ts';
import { seededRandom } from '../../../src/core/random.ts';

const ROWS = 1_000;

/** Means of windows of 1,000 rows about a level that wanders, in sd of a row. */
function wandering(args: { random: Random; sd: number; rho: number; windows: number }): number[] {
  const { random, sd, rho } = args;
  let level = sd * standardNormal(random);
  return Array.from({ length: args.windows }, () => {
    level = rho * level + sd * Math.sqrt(1 - rho * rho) * standardNormal(random);
    return level + standardNormal(random) / Math.sqrt(ROWS);
  });
}

function baselineOf(means: readonly number[]): Baseline {
  return means.reduce((baseline, mean) => {
    const component = { name: 'location', law: 'mean', mean, rowVariance: 1, rows: ROWS } as const;
    return extendBaseline(baseline, { season: 0, components: [component] });
  }, EMPTY_BASELINE);
}

/** Scores of the means against a baseline that stays, and their news; a window without the one before it where `gaps`. */
function run(args: { means: readonly number[]; baseline: Baseline; gaps?: boolean }) {
  const known = args.baseline.components.get('location');
  const usual = known?.means[0]?.mean ?? 0;
  const variance = known?.variance ?? 1;
  let past: PastScores = NO_SCORES;
  const scores = args.means.map((mean) => (mean - usual) / Math.sqrt(variance));
  const news = scores.map((z, at) => {
    const score = { name: 'location', z, effectiveRows: 1 / variance, inflation: variance * ROWS };
    const follows = at > 0 && args.gaps !== true;
    const step = newsScores({ scores: [score], baseline: args.baseline, past, follows });
    past = step.past;
    return step.news[0]?.z ?? Number.NaN;
  });
  return { scores, news };
}

function lagOne(series: readonly number[]): number {
  const products = series.slice(1).reduce((sum, x, at) => sum + x * (series[at] ?? 0), 0);
  return products / squares(series);
}

function squares(series: readonly number[]): number {
  return series.reduce((sum, x) => sum + x * x, 0);
}

test('news of windows that wander do not depend on each other and have at most the variance of a normal score', () => {
  const random = seededRandom(11);
  const means = wandering({ random, sd: 0.1, rho: 0.9, windows: 4_000 });
  const baseline = baselineOf(means.slice(0, 672));
  const { scores, news } = run({ means: means.slice(672), baseline });
  assert.ok(lagOne(scores) > 0.75, `${lagOne(scores)}`);
  assert.ok(Math.abs(lagOne(news)) < 0.1, `${lagOne(news)}`);
  const variance = squares(news) / news.length;
  assert.ok(variance > 0.8 && variance < 1.1, `${variance}`);
});

test('news of windows that do not depend on each other are their scores', () => {
  const random = seededRandom(12);
  const means = wandering({ random, sd: 0, rho: 0, windows: 2_000 });
  const { scores, news } = run({ means: means.slice(672), baseline: baselineOf(means.slice(0, 672)) });
  const apart = scores.map((z, at) => Math.abs(z - (news[at] ?? 0)));
  assert.ok(apart.reduce((sum, x) => sum + x, 0) / apart.length < 0.1);
});

test('where the window before was not judged nothing is expected', () => {
  const random = seededRandom(13);
  const means = wandering({ random, sd: 0.1, rho: 0.9, windows: 900 });
  const { scores, news } = run({
    means: means.slice(672),
    baseline: baselineOf(means.slice(0, 672)),
    gaps: true,
  });
  assert.deepEqual(news, scores);
});

test('a lasting change is news when it comes, and what every window repeats is none', () => {
  const random = seededRandom(14);
  const means = wandering({ random, sd: 0.1, rho: 0.9, windows: 672 });
  const baseline = baselineOf(means);
  const after = wandering({ random, sd: 0.1, rho: 0.9, windows: 8 }).map((mean) => mean + 1);
  const { scores, news } = run({ means: after, baseline });
  assert.ok(Math.min(...scores) > 5, 'every window is far off');
  assert.ok((news[0] ?? 0) > 5 && Math.max(...news.slice(2)) < 4, `${news}`);
});

test('a window alone is no more than earlier windows have shown, and a score that was seldom so large stays', () => {
  const score = { name: 'location', z: 5, effectiveRows: 500, inflation: 1 };
  const ownAfter = (size: number) => {
    const seen = { score: 0, added: 0, before: 0 };
    let past = startPast(EMPTY_BASELINE, 'location');
    for (let at = 0; at < 400; at += 1)
      past = extendPast(past, { ...seen, score: at % 2 === 0 ? size : -size });
    const known: PastScores = { ...NO_SCORES, known: { location: past } };
    const step = newsScores({ scores: [score], baseline: EMPTY_BASELINE, past: known, follows: false });
    return step.own[0]?.z;
  };
  assert.equal(ownAfter(0.9), 5);
  assert.ok(Math.abs((ownAfter(2.5) ?? 0) - 2) < 1e-9);
});

test('a change within the newest windows is not learned as usual yet', () => {
  const baseline = baselineOf(wandering({ random: seededRandom(15), sd: 0, rho: 0, windows: 200 }));
  let past: PastScores = NO_SCORES;
  const squaresAfter: number[] = [];
  for (let at = 0; at < 40; at += 1) {
    const score = { name: 'location', z: 6, effectiveRows: ROWS, inflation: 1 };
    past = newsScores({ scores: [score], baseline, past, follows: at > 0 }).past;
    squaresAfter.push(past.known['location']?.squares ?? 0);
  }
  assert.equal(squaresAfter[28], squaresAfter[0]);
  assert.ok((squaresAfter[29] ?? 0) > (squaresAfter[28] ?? 0) + 30);
});

test('scores with rare large values get tails as heavy as theirs, normal ones keep normal tails', () => {
  const random = seededRandom(16);
  const law = (large: number) => {
    let past = startPast(EMPTY_BASELINE, 'location');
    for (let at = 0; at < 2_000; at += 1) {
      const score = standardNormal(random) * (random() < 0.05 ? large : 1);
      past = extendPast(past, { score, added: score, before: 0 });
    }
    return scoreLaw(past);
  };
  assert.equal(law(1).tails, Number.POSITIVE_INFINITY);
  const heavy = law(4);
  assert.ok(heavy.tails < 8, `${heavy.tails}`);
  assert.ok(scoreOf(5, heavy) < 5 / Math.sqrt(heavy.variance));
  assert.equal(scoreOf(5, { variance: 4, tails: Number.POSITIVE_INFINITY }), 2.5);
});

test('a past of fewer than eight windows says nothing', () => {
  let past = startPast(EMPTY_BASELINE, 'location');
  for (let at = 0; at < 7; at += 1) past = extendPast(past, { score: 4, added: 4, before: 4 });
  assert.deepEqual(
    { ...scoreLaw(past), level: scoreLaw(past).level.rho },
    { variance: 1, level: 0, newsVariance: 1, tails: Number.POSITIVE_INFINITY },
  );
});
