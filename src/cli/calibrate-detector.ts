import type { CommandContext } from '@stricli/core';
import type { WithInterval } from '../core/evaluation/evaluated.ts';
import { bernoulliBits } from '../core/evaluation/streams.ts';
import { seededRandom } from '../core/random.ts';
import { calibrateThreshold } from '../core/thresholds/calibration.ts';
import { CALIBRATED, type Calibrated } from '../core/thresholds/maximum-evidence.ts';
import { DriftwatchError, sentence } from '../errors.ts';
import type { CalibrateFlags } from './calibrate.ts';

/** Prints one line for each error rate: the threshold at every false alarm rate, with its interval. */
export async function calibrate(this: CommandContext, flags: CalibrateFlags): Promise<Error | undefined> {
  const { stdout } = this.process;
  try {
    const detector = calibrated(flags.detector);
    if (!flags.json)
      stdout.write(`${['error rate', ...PER_100K.map((r) => `${r} per 100,000`)].join('\t')}\n`);
    for (const rate of flags.rate) {
      const maxima = simulate(detector, rate, flags);
      const thresholds = PER_100K.map((per100k) => ({
        per100k,
        threshold: calibrateThreshold({ maxima, length: flags.length, per100k }),
      }));
      const line = flags.json
        ? JSON.stringify({ detector, rate, runs: flags.runs, length: flags.length, thresholds })
        : [rate, ...thresholds.map(({ threshold }) => asText(threshold))].join('\t');
      stdout.write(`${line}\n`);
    }
    return undefined;
  } catch (error) {
    return new Error(sentence(error), { cause: error });
  }
}

const PER_100K = [0.02, 0.1, 0.3, 1, 3];

function simulate(detector: Calibrated, rate: number, flags: CalibrateFlags): number[] {
  return Array.from({ length: flags.runs }, (_, run) => {
    const random = seededRandom((flags.seed + run) * 1_000 + Math.round(rate * 1_000));
    return CALIBRATED[detector](bernoulliBits([{ rate, elements: flags.length }], random));
  });
}

function calibrated(name: string): Calibrated {
  if (isCalibrated(name)) return name;
  throw new DriftwatchError({
    code: 'CONFIG_INVALID',
    message: `The threshold of ${name} cannot be calibrated.`,
    next: `Known are: ${Object.keys(CALIBRATED).join(', ')}.`,
  });
}

function isCalibrated(name: string): name is Calibrated {
  return Object.hasOwn(CALIBRATED, name);
}

function asText(threshold: WithInterval): string {
  if (threshold.status === 'insufficient') return `insufficient (needs ${threshold.need} runs)`;
  return `${threshold.value.toFixed(2)} [${threshold.low.toFixed(2)}, ${threshold.high?.toFixed(2) ?? 'open'}]`;
}
