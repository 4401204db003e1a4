/**
 * Counts elements that several streams share only once. Benchmarks cut several streams from one run, so
 * their quiet beginnings are the same elements, and so are a detector's alarms on them; pooled as if
 * independent they would make an interval look tighter than it is.
 */
export interface PrefixLedger {
  /**
   * Half-open ranges of `[0, quietEnd)` of this stream that no earlier stream has already shown. Shared
   * beginnings are recognised by their content in steps of 1,000 elements.
   */
  claim(bits: ArrayLike<number>, quietEnd: number): { from: number; to: number };
}

export function prefixLedger(): PrefixLedger {
  const seen = new Set<string>();
  return {
    claim(bits, quietEnd) {
      let from = 0;
      for (const [end, digest] of digests(bits, quietEnd)) {
        if (seen.has(digest) && from >= end - STEP) from = end;
        seen.add(digest);
      }
      return { from, to: quietEnd };
    },
  };
}

/** A running digest of the stream at the end of every step and at `quietEnd`. */
function digests(bits: ArrayLike<number>, quietEnd: number): [number, string][] {
  const out: [number, string][] = [];
  let a = 0x811c9dc5;
  let b = 0x1234567;
  for (let i = 0; i < quietEnd; i += 1) {
    const x = (bits[i] ?? 0) + 1;
    a = Math.imul(a ^ x, 0x01000193);
    b = (Math.imul(b, 0x5bd1e995) + x) ^ (b >>> 15);
    const end = i + 1;
    if (end % STEP === 0 || end === quietEnd) out.push([end, `${end}:${a >>> 0}:${b >>> 0}`]);
  }
  return out;
}

const STEP = 1_000;
