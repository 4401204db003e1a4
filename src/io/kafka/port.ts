import type { Topic } from '../../../topics/topic.ts';

/** The one way to Kafka. Everything else in the project knows these types and no client library. */
export interface Kafka {
  /** A producer of its own connection, connected when the promise resolves. */
  /**
   * A producer. With `exclusive`, at most one producer of that name can send: opening one shuts out every earlier
   * one, in whichever process, with what it still has under way. After a send that was rejected an exclusive
   * producer is done for: what became of the send is known once the next one is open.
   */
  producer(args?: { readonly exclusive?: string }): Promise<Producer>;
  /**
   * Reads topics as a member of a group. Messages are buffered per partition and handed over outside
   * the fetch loop, so that a slow partition holds up no other one.
   */
  consume(args: ConsumeArgs): Promise<Consumer>;
  /**
   * Reads one small system topic from its beginning, or from the given offsets, without sharing it with
   * anybody and without commits; messages of one partition arrive in order, one after the other.
   */
  follow(args: FollowArgs): Promise<Follower>;
  /** Creates what does not exist yet; refuses with TOPIC_MISMATCH when a topic has another partition count. */
  createTopics(topics: readonly Topic[]): Promise<void>;
  /** First and next offset of every partition, ascending by partition. */
  watermarks(topic: string): Promise<readonly Watermark[]>;
  /** Closes every producer, consumer and follower that was opened here. */
  close(): Promise<void>;
}

export interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /**
   * Broker append time or producer time, by the topic's setting; milliseconds since 1970. Never before that and
   * never more than an hour from now, whatever a producer claims.
   */
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Why the record batch of the message could not be unpacked, where it could not. The value of the batch's first
   * message is then the batch as it lies in the log; those of the others are empty.
   */
  readonly unreadable?: string;
}

export interface Outgoing {
  readonly topic: string;
  readonly key: string | Buffer;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export interface Sent {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
}

/** One outstanding send, the others queue; acknowledged by all in-sync replicas. */
export interface Producer {
  /**
   * Resolves when the broker has acknowledged every message. Rejects with BROKER_UNREACHABLE when the
   * budget is spent: the messages may or may not be in the topic then, read back before sending again.
   */
  send(messages: readonly Outgoing[]): Promise<readonly Sent[]>;
  /** Waits for the queue to drain, then disconnects. */
  close(): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Watermark {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** Messages of one partition, ascending and without a gap to the batch before. */
export interface Batch extends TopicPartition {
  readonly messages: readonly Message[];
  /** Next offset the broker will give out, as of the last fetch. */
  readonly highWatermark: number;
  /** First offset after this batch. Larger than the last message's plus one over control records. */
  readonly nextOffset: number;
}

export interface Control {
  /** Aborted when the partition is taken away or the consumer closes: stop, and write nothing more. */
  readonly signal: AbortSignal;
  /** Notes the offset to read next; it goes out with the next commit. A hint and a lag display, never the truth. */
  commit(nextOffset: number): void;
  /**
   * Drops the buffer once this call has returned and begins the partition again through onAssigned: for
   * when it is not known what became of the batch.
   */
  beginAgain(): void;
}

export interface Assignment extends TopicPartition {
  /** Aborted when the partition is taken away again. */
  readonly signal: AbortSignal;
  /** Begins the partition again, after the call of onBatch under way, like Control.beginAgain. */
  beginAgain(): void;
}

export interface ConsumeArgs {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where to begin when neither onAssigned nor a committed offset says so. */
  readonly fromBeginning: boolean;
  /** Bytes buffered per partition before it is paused. Default 4 MiB. */
  readonly maxBytesPerPartition?: number;
  /** When a buffer is handed over. Defaults: 50,000 rows, half the bytes above, 50 ms, or the high watermark. */
  readonly flush?: FlushPolicy;
  /** Time without a heartbeat after which the group gives the partitions to others. Default 30 s. */
  readonly sessionTimeoutMs?: number;
  /** One call at a time per partition; calls of different partitions run side by side. A throw closes nothing: the batch is handed over again after a pause. */
  onBatch(batch: Batch, control: Control): Promise<void>;
  /** Called before the first batch of an assignment; returns the offset to begin at, or undefined for the committed one. */
  onAssigned?(assignment: Assignment): Promise<number | undefined>;
  /** Called after the buffer of a partition was dropped and its signal aborted. */
  onRevoked?(partition: TopicPartition): Promise<void>;
}

export interface FlushPolicy {
  readonly rows: number;
  readonly bytes: number;
  readonly lingerMs: number;
}

export interface PartitionProgress extends TopicPartition {
  /** Next offset to hand over. */
  readonly position: number;
  readonly highWatermark: number;
  readonly bufferedRows: number;
  readonly bufferedBytes: number;
  readonly paused: boolean;
}

export interface Consumer {
  /** Partitions assigned now. */
  progress(): readonly PartitionProgress[];
  /** When the broker last answered a fetch, milliseconds since 1970: life of the connection, even when idle. */
  lastFetchAtMs(): number | undefined;
  /** Leaves the group after the batches under way have ended. Buffers are dropped: nothing in them was committed. */
  close(): Promise<void>;
}

export interface FollowArgs {
  readonly topic: string;
  /** Offset to begin at per partition; others begin at their first. */
  readonly from?: ReadonlyMap<number, number>;
  onMessage(message: Message): Promise<void>;
}

export interface Follower {
  /** Resolves when the high watermark that the topic had at the start has been handed over. */
  readonly caughtUp: Promise<void>;
  close(): Promise<void>;
}
