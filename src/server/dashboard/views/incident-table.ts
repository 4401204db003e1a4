import { cut, minute } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import type { IncidentNow } from '../reader.ts';
import { incidentBadge } from './badges.ts';
import { table } from './table.ts';

/** One line per incident. */
export function incidentTable(args: { incidents: readonly IncidentNow[]; empty: string }): Markup {
  return table({
    columns: [
      { name: 'State' },
      { name: 'What', prose: true },
      { name: 'Kind' },
      { name: 'Began' },
      { name: 'Reported' },
      { name: 'Last change' },
      { name: 'Findings', number: true },
      { name: 'Retrain', prose: true },
    ],
    rows: args.incidents.map((incident) => [
      incidentBadge(incident),
      html`<a href="/incidents/${incident.id}">${cut(incident.summary, 140)}</a>`,
      incident.kind,
      minute(incident.beganMs),
      minute(incident.openedMs),
      minute(incident.changedMs),
      incident.findings,
      incident.retrain === 'requested' ? html`<strong>requested</strong>` : cut(incident.retrain, 60),
    ]),
    empty: args.empty,
  });
}

/** What needs a person comes first: ALERT before WARNING, then the newest. */
export function bySeverity(incidents: readonly IncidentNow[]): IncidentNow[] {
  const rank = ({ severity }: IncidentNow) => (severity === 'ALERT' ? 0 : 1);
  return incidents.toSorted((a, b) => rank(a) - rank(b) || b.openedMs - a.openedMs);
}
