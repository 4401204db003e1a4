import type { Style } from './text-table.ts';

/** What the terminal shows of a run, whatever the terminal can do. Messages only: data goes to stdout elsewhere. */
export interface View {
  /** Something was done on the way up. */
  step(text: string): void;
  /** How far the story is. */
  progress(at: Progress): void;
  /** Something happened in event time. */
  event(event: { atMs: number; kind: EventKind; text: string }): void;
  /** Several lines as they are: tables. */
  block(text: string): void;
  /** How tables for this view should look. */
  style(): Style;
  /** Leaves the terminal as it was found. */
  close(): void;
}

export interface Progress {
  readonly eventTimeMs: number;
  /** Share of the story, 0 to 1. */
  readonly share: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly lag: number;
}

export const EVENT_KINDS = ['story', 'injected', 'incident', 'resolved', 'retrain', 'release'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
