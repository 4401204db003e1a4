import type { Scorer } from '../../io/onnx-runtime/scorer.ts';

/** The versions of one model that are loaded. A request holds a lease, so that a swap waits for it. */
export interface LoadedVersions {
  /** The version that answers by default, or the one that is asked for; undefined when it is not loaded. */
  lease(version?: string): Lease | undefined;
  /**
   * Takes a version in. Unless `hold` says otherwise the one with the largest number answers from now on; beyond
   * `keep`, the smallest are closed as soon as nobody uses them, except those that are held.
   */
  add(version: string, number: number, scorer: Scorer): void;
  /**
   * Says who answers by default: the first of `wanted` that is loaded, else the largest number. `others` stay loaded
   * as well, whatever comes.
   */
  hold(wanted: readonly string[], others: readonly string[]): void;
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
  let wanted: readonly string[] = [];
  let others: ReadonlySet<string> = new Set();
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

  function find(version: string): Loaded | undefined {
    return loaded.find((one) => one.version === version);
  }

  function answering(): Loaded | undefined {
    for (const version of wanted) {
      const entry = find(version);
      if (entry !== undefined) return entry;
    }
    return loaded[0];
  }

  /** Closes what is neither among the newest nor held. */
  function trim(): void {
    const current = answering();
    const kept = loaded.filter(
      (entry, at) => at < args.keep || entry === current || others.has(entry.version),
    );
    const gone = loaded.filter((entry) => !kept.includes(entry));
    loaded = kept;
    for (const entry of gone) retire(entry);
  }

  return {
    lease(version) {
      const entry = version === undefined ? answering() : find(version);
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
      loaded = all.sort((a, b) => b.number - a.number);
      trim();
    },
    hold(first, rest) {
      wanted = first;
      others = new Set(rest);
      trim();
    },
    has: (version) => find(version) !== undefined,
    current: () => answering()?.version,
    list: () => loaded.map((entry) => entry.version),
    async close() {
      const all = loaded;
      loaded = [];
      for (const entry of all) retire(entry);
      await Promise.all(closing);
    },
  };
}
