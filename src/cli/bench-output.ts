import { binomialInterval } from '../core/evaluation/missed-detection-rate.ts';

/** A share of independent cases, with the exact 95% interval of the chance behind it. */
export interface Rate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly hits: number;
  readonly n: number;
}

/** A share with its interval; without cases the interval says nothing, 0 to 1. */
export function rateOf(hits: number, n: number): Rate {
  if (n === 0) return { share: 0, low: 0, high: 1, hits: 0, n: 0 };
  const { low, high } = binomialInterval(hits, n);
  return { share: hits / n, low, high, hits, n };
}

/** Prints a bench's rows: one JSON object, or an aligned table. Shares show their interval. */
export function printBench(args: {
  json: boolean;
  bench: string;
  settings: Readonly<Record<string, number | string>>;
  rows: readonly Readonly<Record<string, Rate | string | number>>[];
}): void {
  const { bench, settings, rows } = args;
  if (args.json) {
    process.stdout.write(`${JSON.stringify({ bench, settings, rows })}\n`);
    return;
  }
  const words = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`bench ${bench}: ${words.join(', ')}; shares with exact 95% intervals\n`);
  for (const row of rows) {
    process.stdout.write('\n');
    for (const [name, value] of Object.entries(row)) {
      process.stdout.write(`  ${name.padEnd(24)} ${typeof value === 'object' ? rateText(value) : value}\n`);
    }
  }
}

function rateText(rate: Rate): string {
  const digits = (x: number): string => x.toFixed(x > 0 && x < 0.01 ? 5 : 3);
  return `${digits(rate.share)}  [${digits(rate.low)}, ${digits(rate.high)}]  ${rate.hits} of ${rate.n}`;
}
