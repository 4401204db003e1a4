import { loss, minute, whole } from '../format.ts';
import { type Content, html, link, type Markup } from '../markup.ts';
import type { AccountingLine, IncidentNow, Stage, VersionRow } from '../reader.ts';
import { championOf } from './champion.ts';

/** How many messages the processors have yet to account for; undefined when they do not answer. */
export interface Lag {
  readonly messages: number;
  readonly partitions: number;
}

/** The state in five boxes: what is open, what serves, how far time is, what is behind, where messages went. */
export function atAGlance(args: {
  incidents: readonly IncidentNow[];
  versions: readonly VersionRow[];
  stages: readonly Stage[];
  accounting: readonly AccountingLine[];
  lag: Lag | undefined;
}): Markup {
  return html`<section class="glance">
${box('Open incidents', openOf(args.incidents))}
${box('Serving', servingOf(args.versions))}
${box('Stream time', streamTimeOf(args.stages))}
${box('Lag', lagOf(args.lag))}
${box('Messages', accountingOf(args.accounting), 'wide')}
</section>`;
}

function box(name: string, content: Content, size = ''): Markup {
  return html`<div class="box ${size}"><h2>${name}</h2>${content}</div>`;
}

function openOf(incidents: readonly IncidentNow[]): Content {
  if (incidents.length === 0) return html`<p class="big">0</p><p class="note">none was ever opened</p>`;
  const open = incidents.filter(({ status }) => status === 'open');
  const alerts = open.filter(({ severity }) => severity === 'ALERT').length;
  const tone = alerts > 0 ? 'alert' : open.length > 0 ? 'warning' : 'calm';
  return html`<p class="big ${tone}">${open.length}</p><p class="note">${alerts} ALERT (to page), ${open.length - alerts} WARNING (to read); ${incidents.length - open.length} over</p>`;
}

function servingOf(versions: readonly VersionRow[]): Content {
  const champion = championOf(versions);
  if (champion === undefined)
    return html`<p class="big">–</p><p class="note">no version has been released</p>`;
  return html`<p class="big"><a href="${link('/models')}#${champion.version}">${champion.version}</a></p><p class="note">since ${minute(champion.createdMs)}, expected log-loss ${loss(champion.baselineLogLoss)} on ${whole(champion.validationRows)} rows</p>`;
}

function streamTimeOf(stages: readonly Stage[]): Content {
  if (stages.length === 0) return html`<p class="big">–</p><p class="note">no window has been judged yet</p>`;
  const newest = Math.max(...stages.map(({ streamTimeMs }) => streamTimeMs));
  const each = stages.map(({ stage, streamTimeMs }) => `${stage} ${minute(streamTimeMs)}`).join(', ');
  return html`<p class="big">${minute(newest)}</p><p class="note">judged up to: ${each}</p>`;
}

function lagOf(lag: Lag | undefined): Content {
  if (lag === undefined) return html`<p class="big">?</p><p class="note">the processors do not answer</p>`;
  return html`<p class="big">${whole(lag.messages)}</p><p class="note">messages not accounted for yet, over ${lag.partitions} partitions</p>`;
}

function accountingOf(lines: readonly AccountingLine[]): Content {
  if (lines.length === 0) return html`<p class="big">0</p><p class="note">no message has been read yet</p>`;
  const sum = (pick: (line: AccountingLine) => number) =>
    lines.reduce((total, line) => total + pick(line), 0);
  const unexplained = sum((line) => line.unexplained);
  return html`<p class="sum">${whole(sum((line) => line.consumed))} consumed = ${whole(sum((line) => line.stored))} stored + ${whole(sum((line) => line.deadLetters))} dead letters + ${whole(sum((line) => line.tombstones))} tombstones</p><p class="note ${unexplained === 0 ? '' : 'alert'}">unexplained ${whole(unexplained)}, over ${lines.length} topics</p>`;
}
