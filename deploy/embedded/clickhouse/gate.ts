/** Lets a fixed number of holders through at once, the others in the order they came. */
export interface Gate {
  /** Resolves with the release, or with undefined when the line is full. Release exactly once. */
  enter(): Promise<(() => void) | undefined>;
}

export function createGate(args: { size: number; line: number }): Gate {
  let free = args.size;
  const waiting: ((release: () => void) => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next(release);
  };
  return {
    async enter() {
      if (free > 0) {
        free -= 1;
        return release;
      }
      if (waiting.length >= args.line) return undefined;
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
