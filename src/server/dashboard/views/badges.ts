import { html, type Markup } from '../markup.ts';
import type { VerdictState } from '../reader.ts';

/** A verdict in words; the colour only repeats them. */
export function verdictBadge(state: VerdictState): Markup {
  return html`<span class="badge ${state}">${state}</span>`;
}

/** Severity of an incident that is open; one that is over has only its status. */
export function incidentBadge(incident: { severity: string; status: string }): Markup {
  if (incident.status !== 'open') return html`<span class="badge over">${incident.status}</span>`;
  return html`<span class="badge ${incident.severity === 'ALERT' ? 'alert' : 'warning'}">${incident.severity}</span>`;
}
