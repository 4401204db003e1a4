/** Every budget of our Kafka clients, in one place. Times in milliseconds. */

/** Connecting, asking, and trying again: six more tries over about 11 s, then BROKER_UNREACHABLE. */
export const CLIENT = {
  connectionTimeout: 3_000,
  requestTimeout: 30_000,
  retry: { retries: 6, initialRetryTime: 200, maxRetryTime: 5_000 },
} as const;

/** About half a minute of trying, then the caller decides. */
export const PRODUCER = {
  retry: { retries: 8, initialRetryTime: 200, maxRetryTime: 8_000 },
  ackTimeout: 15_000,
  /** After this the broker ends the transaction of a producer that died in it; until then readers wait behind it. */
  transaction: 20_000,
  /** Without a broker a send goes on trying; its caller is told by the rejection, not by us. */
  close: 3_000,
} as const;

export const CONSUMER = {
  retry: { retries: 8, initialRetryTime: 200, maxRetryTime: 5_000 },
  /** After an error that kafkajs does not try again. */
  restart: 5_000,
  session: 30_000,
  heartbeat: 3_000,
  rebalance: 5_000,
  /** How long a broker holds a fetch without data: also how late a resumed partition or a seek is noticed. */
  maxWait: 100,
  commitEvery: 200,
  close: 10_000,
  lastCommit: 2_000,
  leave: 3_000,
} as const;

/** Bytes of one answer to a fetch as they travel, of all partitions and of one. */
export const FETCH = { bytes: 16 * 1024 * 1024, bytesPerPartition: 4 * 1024 * 1024 } as const;

/**
 * What one answer may become in memory. A partition whose turn comes when the answer's share is used up gets
 * nothing from it and begins the next one; a batch that is cut short is asked for again from where it was cut.
 */
export const UNPACKED = {
  bytes: 32 * 1024 * 1024,
  /** Of a partition, per byte that was asked for: more would only wait, less would be fetched twice. */
  bytesPerByte: 2,
  messagesPerPartition: 50_000,
  /** A batch of the broker's largest size, 1 MiB, unpacks to at most this much of anything but a bomb. */
  bytesPerBatch: 256 * 1024 * 1024,
  /** Of one message; what comes behind them is left out. */
  headers: 1_000,
} as const;

/** How long answers are waited out that pass by themselves, such as a topic that was just created. */
export const PASSING = 15_000;
