import type { Scorer } from '../../io/onnx-runtime/scorer.ts';

/** The versions of one model that are loaded. A request holds a lease, so that a swap waits for it. */
export interface LoadedVersions {
  /** The version that answers by default, or the one that is asked for; undefined when it is not loaded. */
  lease(version?: string): Lease | undefined;
  /**
   * Takes a version in. The one with the largest number answers from now on; beyond `keep`, the smallest
   * are closed as soon as nobody uses them.
   */
  add(version: string, number: number, scorer: Scorer): void;
  has(version: string): boolean;
  /** Version that answers by default. */
  current(): string | undefined;
  /** Loaded versions, newest first. */
  list(): readonly string[];
  /** Closes everything once it is no longer used. */
  close(): Promise<void>;
}

export interface Lease {
  readonly version: string;
  readonly scorer: Scorer;
  /** Must be called once, when the answer is out. */
  release(): void;
}

interface Loaded {
  readonly version: string;
  readonly number: number;
  readonly scorer: Scorer;
  users: number;
  retired: boolean;
}

export function createLoadedVersions(args: {
  keep: number;
  onError: (error: unknown) => void;
}): LoadedVersions {
  /** Newest first. */
  let loaded: readonly Loaded[] = [];
  const closing = new Set<Promise<void>>();

  function closeWhenUnused(entry: Loaded): void {
    if (!entry.retired || entry.users > 0) return;
    const closed = entry.scorer.close().catch(args.onError);
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  }

  function retire(entry: Loaded): void {
    entry.retired = true;
    closeWhenUnused(entry);
  }

  return {
    lease(version) {
      const entry = version === undefined ? loaded[0] : loaded.find((one) => one.version === version);
      if (entry === undefined) return undefined;
      entry.users += 1;
      let released = false;
      return {
        version: entry.version,
        scorer: entry.scorer,
        release() {
          if (released) return;
          released = true;
          entry.users -= 1;
          closeWhenUnused(entry);
        },
      };
    },
    add(version, number, scorer) {
      const all = [...loaded, { version, number, scorer, users: 0, retired: false }];
      all.sort((a, b) => b.number - a.number);
      loaded = all.slice(0, args.keep);
      for (const entry of all.slice(args.keep)) retire(entry);
    },
    has: (version) => loaded.some((entry) => entry.version === version),
    current: () => loaded[0]?.version,
    list: () => loaded.map((entry) => entry.version),
    async close() {
      const all = loaded;
      loaded = [];
      for (const entry of all) retire(entry);
      await Promise.all(closing);
    },
  };
}
