import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answers,
  correctDesk,
  type Desk,
  type DeskSettings,
  EMPTY_DESK,
  openDesk,
  takeToDesk,
} from '../../../processors/incidents/incident-desk.ts';
import type { RetrainRequest } from '../../../processors/incidents/report.ts';
import { POLICY_STREAMS, policyWindows } from '../../../src/core/evaluation/policy-streams.ts';
import { runPolicy } from '../../../src/core/evaluation/run-policy.ts';
import type { Observation } from '../../../src/core/incidents/finding.ts';
import type { RetrainPolicy } from '../../../src/core/incidents/retrain-policy.ts';
import { costAware, DEFAULT_RULE, type RetrainRule } from '../../../src/core/incidents/retrain-rules.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { lossSeen } from '../../fixtures/loss-seen.ts';

const DAY = 86_400_000;
const POLICY: RetrainPolicy = {
  on: ['concept-drift'],
  coolDownMs: 7 * DAY,
  waitMs: 7 * DAY,
  followUpMs: 14 * DAY,
  fromOnset: true,
  windowMs: 90 * DAY,
  validationMs: 3 * DAY,
  minimumRows: 800,
  rule: 'cost-aware',
  threshold: 6,
  cost: 20,
  everyMs: 7 * DAY,
  paneMs: DAY,
};

function settingsWith(policy: Partial<RetrainPolicy> = {}): DeskSettings {
  return { model: 'm', groupWithinMs: 3 * DAY, closeAfter: 3, policy: { ...POLICY, ...policy } };
}

function labels(day: number, nats: number, part: Partial<Observation> = {}, version = 'v1'): Answers {
  const observation = lossSeen(day, { verdict: 'ok', n: 300, ...part });
  return {
    name: `labels/${day * DAY}`,
    readyMs: (day + 1) * DAY,
    rank: 2,
    observations: [observation],
    excess: { startMs: day * DAY, version, rows: 300, nats, sd: 8 },
  };
}

/** What a process leaves in the tables: here the requests, which nothing else in these tests depends on. */
function reportedOf(requests: readonly RetrainRequest[]) {
  return { incidents: [], findings: [], requests };
}

/** Windows one after the other; `dies` before a request is written, or after it and before the progress is. */
function run(args: {
  windows: readonly Answers[];
  settings?: DeskSettings;
  dies?: 'before' | 'after';
}): readonly RetrainRequest[] {
  const { windows, settings = settingsWith(), dies } = args;
  const requests: RetrainRequest[] = [];
  let desk: Desk = EMPTY_DESK;
  for (const [at, answers] of windows.entries()) {
    const take = () => takeToDesk({ desk, settings, answers, streamTimeMs: answers.readyMs });
    const start = () =>
      openDesk({ settings, reported: reportedOf(requests), windows: windows.slice(0, at).toReversed() });
    if (dies === 'before') take();
    if (dies !== undefined) desk = start();
    const { news, desk: next } = take();
    requests.push(...news.requests);
    desk = next;
    if (dies !== 'after') continue;
    desk = start();
    const again = take();
    assert.deepEqual(again.news.requests, [], 'asked for twice');
    desk = again.desk;
  }
  return requests;
}

/** 20 days as ever, then 30 in which each costs 12 nats, answered by one version all the time. */
const WORSE = Array.from({ length: 50 }, (_, day) => labels(day, day < 20 ? 0 : 12));

test('the desk decides like the pure rule on the streams of the bench', () => {
  let retrains = 0;
  for (const [at, stream] of POLICY_STREAMS.entries()) {
    const random = seededRandom(40 + at);
    const windows = policyWindows({ random, stream, windows: 130, rows: 150, before: 12 });
    const setting = { windows, cost: 20, before: 12, memory: 12, validation: 3, delay: 1, fromOnset: true };
    const pure = runPolicy({ ...setting, rule: costAware(DEFAULT_RULE) });
    assert.deepEqual(runPolicy({ ...setting, rule: atTheDesk() }), pure, stream);
    retrains += pure.retrains;
  }
  assert.ok(retrains > 8, `${retrains} retrains`);
});

test('the rule asks without an incident, says why and since when, and a process that dies at any step changes nothing', () => {
  const [first, ...more] = run({ windows: WORSE });
  assert.ok(first !== undefined);
  // Each window is 1.5 standard deviations, 1 of which is allowed: 6 are reached after 12.
  assert.deepEqual([first.incidentId, first.requestedMs / DAY, first.model], [null, 32, 'm']);
  assert.deepEqual([first.onsetMs, first.trainUntilMs], [20 * DAY, 32 * DAY]);
  assert.equal(
    first.cause,
    'Rule cost-aware: 144 nats lost on 3600 rows of 12 windows, and a retrain costs 20.',
  );
  // Nothing was released, so nothing is followed up, and the next one is asked for by the windows since.
  assert.deepEqual(
    more.map(({ requestedMs }) => requestedMs / DAY),
    [44],
  );
  assert.notEqual(more[0]?.id, first.id);
  for (const dies of ['before', 'after'] as const)
    assert.deepEqual(run({ windows: WORSE, dies }), [first, ...more]);
});

test('a released request is followed up once, whatever dies', () => {
  const windows = Array.from({ length: 60 }, (_, day) =>
    labels(day, day >= 20 && day < 33 ? 12 : 0, {}, day < 33 ? 'v1' : 'v2'),
  );
  for (const dies of [undefined, 'before', 'after'] as const) {
    const [first, second, ...more] = run({ windows, ...(dies === undefined ? {} : { dies }) });
    assert.deepEqual([first?.requestedMs, second?.requestedMs, more], [32 * DAY, 46 * DAY, []]);
    assert.match(second?.cause ?? '', /^Follow-up, .* Rule cost-aware: 144 nats/);
    assert.deepEqual([second?.incidentId, second?.onsetMs], [null, 20 * DAY]);
  }
});

test('a late revision of a window takes its place, and asks for nothing by itself', () => {
  const settings = settingsWith();
  const upTo = (day: number) =>
    openDesk({ settings, reported: reportedOf([]), windows: WORSE.slice(0, day) });
  const ask = (desk: Desk, day: number) =>
    takeToDesk({ desk, settings, answers: labels(day, 12), streamTimeMs: (day + 1) * DAY }).news.requests;
  const revise = (desk: Desk, day: number, nats: number) =>
    correctDesk({ desk, settings, windows: [labels(day, nats)], changes: [], streamTimeMs: 31 * DAY });
  assert.equal(ask(upTo(31), 31).length, 1);
  const better = revise(upTo(31), 25, -60);
  assert.deepEqual([better.news.requests, ask(better.desk, 31)], [[], []]);
  // The day before it would not have asked yet.
  assert.deepEqual(ask(upTo(30), 30), []);
  const worse = revise(upTo(30), 25, 100);
  assert.deepEqual([worse.news.requests, ask(worse.desk, 30).length], [[], 1]);
});

test('incidents and the rule share the cool-down, and one request goes out at a time', () => {
  const drift = { verdict: 'drift' } as const;
  const from = (day: number) => (window: Answers, at: number) =>
    at < day ? window : labels(at, window.excess?.nats ?? 0, drift);
  const days = (requests: readonly RetrainRequest[]) => requests.map(({ requestedMs }) => requestedMs / DAY);
  const settings = settingsWith({ coolDownMs: 15 * DAY, waitMs: 5 * DAY });
  // The incident of day 22 asks when it has lasted five days; the rule, which would have asked on day 32, waits.
  const proven = run({ windows: WORSE.map(from(22)), settings });
  assert.deepEqual(days(proven), [27, 42]);
  assert.deepEqual(
    proven.map(({ incidentId }) => incidentId === null),
    [false, false],
    'the incident is still open',
  );
  assert.equal(new Set(proven.map(({ id }) => id)).size, 2);
  // The rule asks on day 32; the incident of day 30 has to wait for the cool-down.
  const late = run({ windows: WORSE.map(from(30)), settings });
  assert.deepEqual(days(late), [32, 47]);
  assert.equal(late.at(-1)?.incidentId, late[0]?.incidentId);
});

test('what the rule asks for belongs to the open incident, which then asks for nothing itself', () => {
  const windows = WORSE.map((window, day) => (day < 30 ? window : labels(day, 12, { verdict: 'drift' })));
  const [first] = run({ windows });
  assert.deepEqual([typeof first?.incidentId, first?.requestedMs], ['string', 32 * DAY]);
  assert.match(
    first?.cause ?? '',
    /^Rule cost-aware: .* costs 20\. Concept drift in log_loss: the loss rose$/,
  );
});

test('every rule can be chosen: none leaves it to incidents, a schedule keeps to the calendar', () => {
  const days = (policy: Partial<RetrainPolicy>, nats = 12) =>
    run({
      windows: WORSE.map((_, day) => labels(day, day < 20 ? 0 : nats)),
      settings: settingsWith(policy),
    }).map(({ requestedMs }) => requestedMs / DAY);
  assert.deepEqual(days({ rule: 'none' }), []);
  assert.deepEqual(days({ rule: 'schedule', everyMs: 20 * DAY }, 0), [20, 40]);
  assert.deepEqual(days({ rule: 'performance' }), [26, 33, 40, 47]);
  assert.deepEqual(days({ rule: 'composite' }), [26, 33, 40, 47]);
  assert.deepEqual(days({ cost: 200 }), []);
});

/** The desk as a rule for `runPolicy`: it hears of the newest window, and what it asks for is the answer. */
function atTheDesk(): RetrainRule {
  const settings = settingsWith();
  let desk: Desk = EMPTY_DESK;
  let [day, heard, version, pending] = [0, 0, 1, false];
  return (view) => {
    day += 1;
    if (pending && view.released) version += 1;
    if (pending) heard = 0;
    pending = false;
    const newest = view.excess.at(-1);
    // After a retrain the first window was answered by the version before it, and is left out.
    if (newest === undefined || view.excess.length === heard) return { retrain: false };
    heard = view.excess.length;
    const window = labels(day, newest.nats, {}, `v${version}`);
    const excess = { startMs: day * DAY, version: `v${version}`, ...newest };
    const result = takeToDesk({
      desk,
      settings,
      answers: { ...window, excess },
      streamTimeMs: window.readyMs,
    });
    desk = result.desk;
    const [request] = result.news.requests;
    if (request === undefined) return { retrain: false };
    pending = true;
    if (request.cause.startsWith('Follow-up')) return { retrain: true, cause: 'follow-up', reason: '' };
    const onset = (request.trainUntilMs - (request.onsetMs ?? 0)) / DAY;
    return { retrain: true, cause: 'change', reason: '', onset };
  };
}
