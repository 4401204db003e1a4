import { type Detector, runDetector } from '../detector.ts';
import { adwin } from '../detectors/adwin.ts';
import { cusum } from '../detectors/cusum.ts';
import { ddm } from '../detectors/ddm.ts';
import { eddm } from '../detectors/eddm.ts';
import { ewmaChart } from '../detectors/ewma-chart.ts';
import { fhddm } from '../detectors/fhddm.ts';
import { hddmA } from '../detectors/hddm-a.ts';
import { hddmW } from '../detectors/hddm-w.ts';
import { kswin } from '../detectors/kswin.ts';
import { pageHinkley } from '../detectors/page-hinkley.ts';
import { rddm } from '../detectors/rddm.ts';
import { seed } from '../detectors/seed.ts';
import { stepd } from '../detectors/stepd.ts';

/** A detector of another library and ours that is meant to agree with it. */
export interface Peer {
  readonly library: string;
  readonly theirs: string;
  readonly detector: Detector;
  /** How far it is meant to agree: every alarm, the first one, or only about as many. */
  readonly agreement: 'all' | 'first' | 'rough';
  readonly note?: string;
}

export interface Agreement {
  readonly agrees: boolean;
  readonly firstEqual: boolean;
  readonly allEqual: boolean;
  readonly ours: readonly number[];
}

/** Runs ours over a sequence and holds its alarms against theirs. */
export function peerAgreement(peer: Peer, sequence: ArrayLike<number>, theirs: readonly number[]): Agreement {
  const ours = runDetector(peer.detector, sequence).alarms;
  const firstEqual = ours[0] === theirs[0];
  const allEqual = ours.length === theirs.length && ours.every((alarm, i) => alarm === theirs[i]);
  const about = Math.abs(ours.length - theirs.length) <= 3 + theirs.length / 2;
  const agrees = { all: allEqual, first: firstEqual, rough: about }[peer.agreement];
  return { agrees, firstEqual, allEqual, ours };
}

/** Whom we follow where libraries differ; what is not listed is not followed. */
export const PEERS: readonly Peer[] = [
  { library: 'river', theirs: 'ADWIN', detector: adwin(), agreement: 'all' },
  { library: 'river', theirs: 'PageHinkley', detector: pageHinkley(), agreement: 'all' },
  { library: 'river', theirs: 'DDM', detector: ddm(), agreement: 'all' },
  { library: 'river', theirs: 'EDDM', detector: eddm(), agreement: 'all' },
  { library: 'river', theirs: 'HDDM_A', detector: hddmA(), agreement: 'all' },
  { library: 'river', theirs: 'HDDM_W', detector: hddmW(), agreement: 'all' },
  { library: 'river', theirs: 'FHDDM', detector: fhddm(), agreement: 'all' },
  {
    library: 'river',
    theirs: 'KSWIN',
    detector: kswin(),
    agreement: 'rough',
    note: 'draws at random: compared by the number of alarms',
  },
  { library: 'moa', theirs: 'DDM', detector: ddm(), agreement: 'all' },
  { library: 'moa', theirs: 'HDDM_A_Test', detector: hddmA(), agreement: 'all' },
  { library: 'moa', theirs: 'CusumDM', detector: cusum(), agreement: 'all' },
  { library: 'moa', theirs: 'EWMAChartDM', detector: ewmaChart(), agreement: 'all' },
  { library: 'moa', theirs: 'RDDM', detector: rddm(), agreement: 'all' },
  {
    library: 'moa',
    theirs: 'STEPD',
    detector: stepd({ likeMoa: true }),
    agreement: 'all',
    note: 'compared with likeMoa, since MOA alarms on constant streams',
  },
  { library: 'moa', theirs: 'SEEDChangeDetector', detector: seed(), agreement: 'all' },
];

/** Detectors of the libraries that differ from each other, and which of them we follow. */
export const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  'moa ADWINChangeDetector': "River's: MOA keeps the window after an alarm and does not report falls",
  'moa EDDM': "River's: the two differ by a few elements after the first alarms",
  'moa HDDM_W_Test': "River's: the two differ by an element on some sequences",
  'moa PageHinkleyDM': "River's: MOA looks for rises only",
};
