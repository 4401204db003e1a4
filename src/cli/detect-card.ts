import type { AtRateOf } from '../core/evaluation/at-rate-of.ts';
import type { WithInterval } from '../core/evaluation/evaluated.ts';
import type { DetectorCard, StreamCard } from '../core/evaluation/report-card.ts';

/** The report card as a table for a terminal. */
export function cardAsText(cards: readonly DetectorCard[]): string {
  return cards.map(detectorText).join('');
}

/** The default at another detector's false alarms, as a table. */
export function rivalAsText(compared: readonly AtRateOf[]): string {
  const [first] = compared;
  const rows = [
    [
      'stream',
      'threshold',
      'false alarms [95%]',
      'median delay [95%]',
      'its false alarms',
      'its median delay',
      '',
    ],
    ...compared.map(({ stream, threshold, own, rival, verdict }) => [
      stream,
      threshold.toFixed(2),
      interval(own.falseAlarms, 2),
      interval(own.medianDelay, 0),
      interval(rival.falseAlarms, 2),
      interval(rival.medianDelay, 0),
      verdict,
    ]),
  ];
  const said = `The default at the false alarms of ${first?.rival.detector ?? 'the other'}, per 100,000 before the drift; missed drifts later than any:`;
  return `\n${said}\n${table(rows).join('\n')}\n`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((cells) => (cells[i] ?? '').length)));
  return rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function detectorText(card: DetectorCard): string {
  const rate = interval(card.falseAlarms.rate, 3);
  const elements = card.falseAlarms.rate.status === 'ok' ? card.falseAlarms.rate.n : 0;
  return [
    '',
    `${card.detector}: ${card.falseAlarms.count} false alarms in ${elements.toLocaleString('en')} elements, per 100,000: ${rate}`,
    ...table([HEAD, ...card.streams.map(row)]),
    ...NOTES,
    '',
  ].join('\n');
}

const HEAD = [
  'stream',
  'runs',
  'false alarms',
  'median delay [95%]',
  'with missed [95%]',
  'missed [95%]',
  'reset shortly before',
];
const NOTES = [
  'False alarms: before the drift and without one; the line above counts beginnings that streams share once.',
  'Median delay: of the drifts found, from the drift to the first alarm at or after it, whatever came before;',
  'with missed: of all drifts, missed ones counted as later than any. Reset: an alarm in the 5,000 elements before.',
];

function row(card: StreamCard): string[] {
  const { drift } = card;
  return [
    card.stream,
    String(card.runs),
    String(card.falseAlarms.count),
    drift === null ? '' : interval(drift.medianDelay, 0),
    drift === null ? '' : interval(drift.medianDelayOfAll, 0),
    drift === null ? '' : interval(drift.missed, 2),
    drift === null ? '' : String(drift.resetShortlyBefore),
  ];
}

function interval(figure: WithInterval, digits: number): string {
  if (figure.status === 'insufficient') return 'insufficient';
  const high = figure.high === null ? 'open' : figure.high.toFixed(digits);
  return `${figure.value.toFixed(digits)} [${figure.low.toFixed(digits)}, ${high}]`;
}
