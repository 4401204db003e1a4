/** Unpacked bytes of unknown length, with an end that they must not pass. */
export interface Output {
  length(): number;
  /** True when so much has come since it was last true that other work should have its turn. */
  due(): boolean;
  /** Whether so much more would not pass the end. */
  fits(more: number): boolean;
  /** Appends; false when that would pass the end. */
  push(from: Uint8Array, start: number, end: number): boolean;
  /** Repeats what lies `distance` back, overlaps included; false for a distance or a length that cannot be. */
  repeat(distance: number, length: number): boolean;
  bytes(): Buffer;
}

/** Begins small and doubles, so that what a header claims costs nothing before it is there. */
export function createOutput(args: { expected: number; most: number }): Output {
  const { most } = args;
  let bytes = Buffer.allocUnsafe(Math.min(most, Math.max(1_024, args.expected)));
  let length = 0;
  let turn = 0;

  function room(more: number): boolean {
    if (length + more > most) return false;
    if (length + more > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(most, Math.max(length + more, 2 * bytes.length)));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    return true;
  }

  return {
    length: () => length,
    fits: (more) => length + more <= most,
    due() {
      if (length - turn < TURN_BYTES) return false;
      turn = length;
      return true;
    },
    push(from, start, end) {
      if (end > from.length || !room(end - start)) return false;
      bytes.set(from.subarray(start, end), length);
      length += end - start;
      return true;
    },
    repeat(distance, count) {
      if (distance < 1 || distance > length || !room(count)) return false;
      const end = length + count;
      if (count <= SHORT) {
        const held = bytes;
        for (let at = length; at < end; at += 1) held[at] = held[at - distance] ?? 0;
        length = end;
        return true;
      }
      // What has been repeated is itself what comes next: each step copies twice as much.
      for (let reach = distance; length < end; reach *= 2) {
        const step = Math.min(reach, end - length);
        bytes.copyWithin(length, length - reach, length - reach + step);
        length += step;
      }
      return true;
    },
    bytes: () => bytes.subarray(0, length),
  };
}

/** Up to here a loop is faster than a call. */
const SHORT = 64;
const TURN_BYTES = 4 * 1024 * 1024;
