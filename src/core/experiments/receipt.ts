import type { PairedGain } from './paired-gain.ts';

export const RECEIPT_VERDICTS = ['helped', 'did not', 'rolled back', 'insufficient'] as const;
export type ReceiptVerdict = (typeof RECEIPT_VERDICTS)[number];

/** What was promised before a release and what came of it. */
export interface Receipt {
  readonly verdict: ReceiptVerdict;
  /** One sentence for a person. */
  readonly reason: string;
}

/**
 * The receipt of a release: `predicted` on the validation rows before it, `measured` on rows served after it, where the
 * parent is scored on the same rows. That is what would have happened without the release; a comparison
 * of the time before with the time after would take every change of the world for the model's doing.
 * "helped" needs the whole interval above 0; "did not" means that a gain is not shown on enough labels, which a small real
 * one may not be either. Misleads where answers change what happens, as the parent's answers were never given.
 */
export function writeReceipt(args: {
  version: string;
  parent: string;
  predicted: { readonly gain: number; readonly standardError: number } | undefined;
  measured: PairedGain;
  /** The parent has answered again since. */
  rolledBack: boolean;
  /** Of a model of numbers: mean squared error of the parent and its own on the rows measured, which is what it is called by. */
  squaredErrors?: readonly [number, number];
}): Receipt {
  const { measured, predicted } = args;
  const promise =
    predicted === undefined
      ? 'nothing was predicted'
      : `predicted was ${signed(predicted.gain)} (standard error ${predicted.standardError.toFixed(4)})`;
  if (measured.status === 'insufficient') {
    const lacks = `${measured.have} of ${measured.need} ${measured.what} needed`;
    if (!args.rolledBack) return { verdict: 'insufficient', reason: lacks };
    return { verdict: 'rolled back', reason: `${args.version} was rolled back with ${lacks} to measure it` };
  }
  const words =
    `${args.version} changed log-loss by ${signed(-measured.gain)}${errors(args.squaredErrors)} against ${args.parent} on the same ` +
    `${measured.n} rows of ${measured.days} days: gain ${signed(measured.gain)} ` +
    `[${signed(measured.low)}, ${signed(measured.high)}]; ${promise}`;
  if (args.rolledBack) return { verdict: 'rolled back', reason: words };
  return { verdict: measured.low > 0 ? 'helped' : 'did not', reason: words };
}

function errors(of: readonly [number, number] | undefined): string {
  return of === undefined ? '' : ` (mean squared error ${of[1].toFixed(4)}, was ${of[0].toFixed(4)})`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}
