import { cut, printable } from './text-table.ts';
import type { EventKind, Progress, View } from './view.ts';

/** A terminal that can be redrawn: what happened scrolls by, one status line stays at the bottom. */
export function ttyView(terminal: { write(text: string): void; columns(): number }): View {
  let status: Progress | undefined;
  let drawn = false;

  function erase(): void {
    if (drawn) terminal.write('\r\u001b[2K');
    drawn = false;
  }

  function draw(): void {
    if (status === undefined) return;
    terminal.write(statusLine(status, terminal.columns()));
    drawn = true;
  }

  function above(text: string): void {
    erase();
    terminal.write(`${text}\n`);
    draw();
  }

  return {
    step: (text) => above(`${DIM}${text}${RESET}`),
    progress(at) {
      status = at;
      erase();
      draw();
    },
    event: ({ atMs, kind, text }) =>
      // One line each: the rest of a long sentence is in the summary and on the dashboard.
      above(
        `${DIM}${day(atMs)}${RESET} ${COLOURS[kind]}${kind.padEnd(8)}${RESET} ${cut(printable(text), Math.max(20, terminal.columns() - LABELS))}`,
      ),
    block: (text) => above(text),
    style: () => ({ columns: Math.max(40, terminal.columns()), colour: true }),
    close() {
      erase();
      status = undefined;
    },
  };
}

/** Date, bar, share, events, rate and lag, cut to the width of the terminal. */
export function statusLine(at: Progress, columns: number): string {
  const share = Math.min(1, Math.max(0, at.share));
  const filled = Math.round(share * BAR);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
  const numbers = `${at.events.toLocaleString('en')} events  ${Math.round(at.eventsPerSecond).toLocaleString('en')}/s  lag ${at.lag}`;
  return `${day(at.eventTimeMs)} ${bar} ${String(Math.round(100 * share)).padStart(3)}%  ${numbers}`.slice(
    0,
    Math.max(20, columns - 1),
  );
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const BAR = 30;
/** Date, kind and the spaces after them. */
const LABELS = 20;
const RESET = '\u001b[0m';
const DIM = '\u001b[2m';
const COLOURS: Readonly<Record<EventKind, string>> = {
  story: '\u001b[36m',
  injected: '\u001b[35m',
  incident: '\u001b[31m',
  resolved: '\u001b[32m',
  retrain: '\u001b[33m',
  release: '\u001b[34m',
};
