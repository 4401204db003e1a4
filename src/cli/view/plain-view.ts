import { printable } from './text-table.ts';
import type { View } from './view.ts';

/** One line per happening, for pipes, logs and NO_COLOR. Progress shows once per month of event time. */
export function plainView(write: (text: string) => void): View {
  let month = '';
  return {
    step: (text) => write(`${text}\n`),
    progress({ eventTimeMs, share, events, eventsPerSecond, lag }) {
      const date = new Date(eventTimeMs).toISOString().slice(0, 10);
      if (date.slice(0, 7) === month) return;
      month = date.slice(0, 7);
      write(
        `${date}  ${Math.round(100 * share)}%  ${events} events, ${Math.round(eventsPerSecond)} events/s, lag ${lag}\n`,
      );
    },
    event: ({ atMs, kind, text }) =>
      write(`${new Date(atMs).toISOString().slice(0, 10)}  ${kind}: ${printable(text)}\n`),
    block: (text) => write(`${text}\n`),
    style: () => ({}),
    close: () => undefined,
  };
}
