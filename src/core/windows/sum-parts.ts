/**
 * Sums of numbers and of their squares that do not depend on the order of the numbers, bit for bit: what a
 * database finds in parallel and what a file gives row by row are the same.
 *
 * Within one power of two p (p <= |x| < 2p) every number is split at a fixed bit into a high and a low part. Parts
 * of one size are multiples of one unit, so they add up without rounding, to 67 million numbers. The partial sums
 * are then added in the order of the powers. Magnitudes below 2^-500 count as 0 and above 2^480 as 2^480: their
 * squares stay finite. schemas/queries/pane-numeric.sql does the same.
 *
 * Source: the splitting is Dekker's (1971), doi 10.1007/BF01397083; sums by exponent follow Demmel and Nguyen,
 * Fast Reproducible Floating-Point Summation (2013), doi 10.1109/ARITH.2013.9.
 */
export interface SumParts {
  /** Takes one finite number in. */
  add(x: number): void;
  /** One partial sum per power of two, the powers ascending: add them up in this order. */
  parts(): { readonly total: number; readonly squares: number }[];
}

export function sumParts(): SumParts {
  const parts = new Map<number, Parts>();
  const word = new Float64Array(1);
  const halves = new Uint32Array(word.buffer);
  return {
    add(x) {
      const y = bounded(x);
      word[0] = y;
      const exponent = ((halves[LITTLE_ENDIAN ? 1 : 0] ?? 0) >>> 20) & 2047;
      let part = parts.get(exponent);
      if (part === undefined) {
        part = { power: exponent === 0 ? 0 : 2 ** (exponent - 1023), high: 0, low: 0, high2: 0, low2: 0 };
        parts.set(exponent, part);
      }
      const { power } = part;
      const square = y * y;
      const high = y + SPLIT * power - SPLIT * power;
      const high2 = square + SPLIT_SQUARE * power * power - SPLIT_SQUARE * power * power;
      part.high += high;
      part.low += y - high;
      part.high2 += high2;
      part.low2 += square - high2;
    },
    parts() {
      const ordered = [...parts].sort(([a], [b]) => a - b);
      return ordered.map(([, { high, low, high2, low2 }]) => ({ total: high + low, squares: high2 + low2 }));
    },
  };
}

interface Parts {
  readonly power: number;
  high: number;
  low: number;
  high2: number;
  low2: number;
}

function bounded(x: number): number {
  const size = Math.abs(x);
  if (size < SMALLEST) return 0;
  return size > LARGEST ? Math.sign(x) * LARGEST : x;
}

const SMALLEST = 2 ** -500;
const LARGEST = 2 ** 480;
/** 1.5 * 2^26 and 1.5 * 2^27: adding it times the power pushes the low bits out. */
const SPLIT = 100_663_296;
const SPLIT_SQUARE = 201_326_592;
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
