import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { type Detector, runDetector } from '../../../src/core/detector.ts';
import { adwin, adwinEstimate } from '../../../src/core/detectors/adwin.ts';
import { cusum } from '../../../src/core/detectors/cusum.ts';
import { ddm } from '../../../src/core/detectors/ddm.ts';
import { eddm } from '../../../src/core/detectors/eddm.ts';
import { ewmaChart } from '../../../src/core/detectors/ewma-chart.ts';
import { fhddm } from '../../../src/core/detectors/fhddm.ts';
import { hddmA } from '../../../src/core/detectors/hddm-a.ts';
import { hddmW } from '../../../src/core/detectors/hddm-w.ts';
import { kswin } from '../../../src/core/detectors/kswin.ts';
import { pageHinkley } from '../../../src/core/detectors/page-hinkley.ts';
import { rddm } from '../../../src/core/detectors/rddm.ts';
import { seed } from '../../../src/core/detectors/seed.ts';
import { stepd } from '../../../src/core/detectors/stepd.ts';
import { peerSequences } from '../../golden/detectors/sequences.ts';

const INDICES = z.array(z.number());
const RIVER_ENTRY = z.record(
  z.string(),
  z.object({
    drift: INDICES,
    warning: INDICES.optional(),
    final_width: z.number().optional(),
    final_estimation: z.number().optional(),
  }),
);
const GOLDEN = z.object({
  bits: z.record(
    z.string(),
    z.object({ data: z.string(), river: RIVER_ENTRY, moa: z.record(z.string(), INDICES) }),
  ),
  reals: z.record(z.string(), z.object({ data: z.array(z.number()), river: RIVER_ENTRY })),
});
const PEERS = z.array(z.object({ river: z.record(z.string(), INDICES), moa: z.record(z.string(), INDICES) }));

const RIVER: Readonly<Record<string, Detector>> = {
  ADWIN: adwin(),
  PageHinkley: pageHinkley(),
  DDM: ddm(),
  EDDM: eddm(),
  HDDM_A: hddmA(),
  'HDDM_A two-sided': hddmA({ sides: 'both' }),
  HDDM_W: hddmW(),
  'HDDM_W two-sided': hddmW({ sides: 'both' }),
  FHDDM: fhddm(),
};

const MOA: Readonly<Record<string, Detector>> = {
  CusumDM: cusum(),
  EWMAChartDM: ewmaChart(),
  RDDM: rddm(),
  STEPD: stepd({ likeMoa: true }),
  SEEDChangeDetector: seed(),
};

const sequences = readGolden();

for (const [name, detector] of Object.entries(RIVER)) {
  test(`${name} gives River's alarms and warnings on the golden sequences`, () => {
    let compared = 0;
    for (const { id, data, river } of sequences) {
      const theirs = river[name];
      if (theirs === undefined) continue;
      const ours = runDetector(detector, data);
      assert.deepEqual(ours.alarms, theirs.drift, id);
      // River leaves the warning flag of some detectors up during the alarm itself.
      const warned = theirs.warning?.filter((index) => !theirs.drift.includes(index));
      if (warned !== undefined) assert.deepEqual(ours.warnings, warned, id);
      compared += 1;
    }
    if (!name.includes('two-sided')) assert.ok(compared >= 6);
  });
}

for (const [name, detector] of Object.entries(MOA)) {
  test(`${name} gives MOA's alarms on the golden sequences`, () => {
    for (const { id, data, moa } of sequences) {
      if (moa !== undefined) assert.deepEqual(runDetector(detector, data).alarms, moa[name], id);
    }
  });
}

test('first alarms of ADWIN, DDM and HDDM-A are those of MOA as well', () => {
  const pairs: readonly [string, Detector][] = [
    ['ADWINChangeDetector', adwin()],
    ['DDM', ddm()],
    ['HDDM_A_Test', hddmA()],
  ];
  for (const { id, data, moa } of sequences) {
    for (const [name, detector] of pairs) {
      // MOA's ADWIN does not report falls.
      if (moa === undefined || (name === 'ADWINChangeDetector' && id === 'bern_.3->.1')) continue;
      assert.equal(runDetector(detector, data).alarms[0], moa[name]?.[0], `${name} on ${id}`);
    }
  }
});

test('the ADWIN window ends with the length and mean that River reports', () => {
  for (const { id, data, river } of sequences) {
    const theirs = river['ADWIN'];
    const { state } = runDetector(adwin(), data);
    const estimate = adwinEstimate(state);
    assert.equal(state.width, theirs?.final_width, id);
    assert.ok(estimate.status === 'ok');
    assert.ok(Math.abs(estimate.mean - (theirs?.final_estimation ?? 2)) < 1e-12, id);
  }
});

test('all alarms of River and MOA are met on forty sequences with jumping rates', () => {
  const peers = PEERS.parse(JSON.parse(readFileSync(golden('peers.json'), 'utf8')));
  const bits = peerSequences();
  assert.equal(peers.length, bits.length);
  for (const [index, sequence] of bits.entries()) {
    for (const [name, detector] of Object.entries(RIVER)) {
      assert.deepEqual(runDetector(detector, sequence).alarms, peers[index]?.river[name], `${name} ${index}`);
    }
    for (const [name, detector] of Object.entries(MOA)) {
      assert.deepEqual(runDetector(detector, sequence).alarms, peers[index]?.moa[name], `${name} ${index}`);
    }
  }
});

test('the comparison fails for a detector whose constant is off by a little', () => {
  const off = seed({ delta: 0.049 });
  const differs = sequences.some(({ data, moa }) => {
    const theirs = moa?.['SEEDChangeDetector'];
    return theirs !== undefined && runDetector(off, data).alarms.join() !== theirs.join();
  });
  const offAdwin = adwin({ delta: 0.0019, minWindowLength: 6 });
  const wrong = peerSequences().some(
    (bits) => runDetector(offAdwin, bits).alarms.join() !== runDetector(adwin(), bits).alarms.join(),
  );
  assert.ok(differs || wrong);
});

test('STEPD without likeMoa agrees with MOA wherever there is an error rate worth the name', () => {
  for (const { id, data, moa } of sequences) {
    if (moa === undefined || id === 'all_zero') continue;
    assert.deepEqual(runDetector(stepd(), data).alarms, moa['STEPD'], id);
  }
});

test('KSWIN alarms about as often as River, and as soon on a large change', () => {
  for (const { id, data, river } of sequences) {
    const theirs = river['KSWIN']?.drift ?? [];
    const ours = runDetector(kswin(), data).alarms;
    assert.ok(Math.abs(ours.length - theirs.length) <= 3, `${id}: ${ours.length} against ${theirs.length}`);
    if (id !== 'bern_.5->.9' && id !== 'bern_two_drifts_.1_.4_.15') continue;
    assert.ok(Math.abs((ours[0] ?? 0) - (theirs[0] ?? 0)) <= 20, id);
  }
});

function golden(name: string): URL {
  return new URL(`../../golden/detectors/${name}`, import.meta.url);
}

function readGolden() {
  const { bits, reals } = GOLDEN.parse(JSON.parse(readFileSync(golden('detectors.json'), 'utf8')));
  return [
    ...Object.entries(bits).map(([id, entry]) => ({ ...entry, id, data: Array.from(entry.data, Number) })),
    ...Object.entries(reals).map(([id, entry]) => ({ ...entry, id, moa: undefined })),
  ];
}
