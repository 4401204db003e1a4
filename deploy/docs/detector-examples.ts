import { type Detector, runDetector } from '../../src/core/detector.ts';
import { seededRandom } from '../../src/core/random.ts';

/**
 * What a detector does on streams whose change is known, as a Markdown table: elements until the first alarm
 * after the change, and alarms before it. Seeded, so the page is the same on every run.
 */
export function detectorExamples(detector: Detector): string | undefined {
  if (detector.reads === 'evidence') return undefined;
  const rows = CASES.map(({ name, before, after }) => {
    const random = seededRandom(11);
    const stream = Array.from({ length: CHANGE + AFTER }, (_, i) =>
      random() < (i < CHANGE ? before : after) ? 1 : 0,
    );
    const { alarms } = runDetector(detector, stream);
    const first = alarms.find((at) => at >= CHANGE);
    const early = alarms.filter((at) => at < CHANGE).length;
    const delay =
      before === after ? 'nothing to find' : first === undefined ? 'never' : `${first - CHANGE + 1}`;
    const late = before === after ? alarms.length - early : 0;
    return `| ${name} | ${delay} | ${early + late} |`;
  });
  const head = '| errors, 0 and 1; change after 20,000 of 40,000 | elements until the alarm | false alarms |';
  return [head, '|---|---|---|', ...rows].join('\n');
}

const CHANGE = 20_000;
const AFTER = 20_000;
const CASES = [
  { name: 'error rate .2 throughout', before: 0.2, after: 0.2 },
  { name: '.2 rises to .25', before: 0.2, after: 0.25 },
  { name: '.2 rises to .3', before: 0.2, after: 0.3 },
  { name: '.2 rises to .8', before: 0.2, after: 0.8 },
  { name: '.2 falls to .1', before: 0.2, after: 0.1 },
];
