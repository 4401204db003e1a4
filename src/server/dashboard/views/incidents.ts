import { html } from '../markup.ts';
import type { IncidentNow } from '../reader.ts';
import { bySeverity, incidentTable } from './incident-table.ts';
import { layout } from './layout.ts';

/** All incidents of a model: the open ones by severity, then those that are over, the newest first. */
export function incidentsPage(of: {
  models: readonly string[];
  model: string;
  /** The newest first. */
  incidents: readonly IncidentNow[];
  /** No more than this many were asked for. */
  limit: number;
}): string {
  const open = bySeverity(of.incidents.filter(({ status }) => status === 'open'));
  const over = of.incidents.filter(({ status }) => status !== 'open');
  return layout({
    title: 'Incidents',
    model: of.model,
    models: of.models,
    here: '/incidents',
    content: html`<h1>Incidents of ${of.model}</h1>
<p class="note">ALERT is for a person at once: producers broke the schema or a feature, or the model has become worse. WARNING can wait to be read: the inputs moved, and the model is not known to be worse.</p>
<section><h2>${open.length} open</h2>${incidentTable({ incidents: open, empty: 'No incident is open.' })}</section>
<section><h2>${over.length} over</h2>${incidentTable({ incidents: over, empty: 'No incident has ended yet.' })}</section>
${of.incidents.length < of.limit ? undefined : html`<p class="note">The newest ${of.limit} are shown; the table <code>incidents</code> has all.</p>`}`,
  });
}
