import type { Incident, Summary } from '../../../deploy/demo/summary.ts';
import { type Cell, cut, paint, type Style, type Tone, textTable } from './text-table.ts';

/**
 * The end of the story as text: incidents with their findings, what was injected and how long it took to find,
 * retrains, versions and where every message went. Lines are cut where a width is given, coloured where asked.
 */
export function summaryTable(summary: Summary, style: Style = {}): string {
  const title = (text: string) => ['', paint(cut(text, style.columns ?? text.length), 'title', style)];
  const { findings, retrains, versions } = summary;
  const incidents = newestOf(summary.incidents);
  return [
    ...title(
      `INCIDENTS  ${counted(incidents.length, 'incident')} of ${counted(findings.length, 'finding')}: ${severities(incidents)}`,
    ),
    ...incidentLines({ incidents, findings, style }),
    ...title('INJECTED FAULTS'),
    ...textTable({ rows: summary.faults.map(faultRow), style, indent: 2 }),
    ...title(`RETRAINS  ${retrains.length}`),
    ...textTable({ rows: retrains.map(retrainRow), style, indent: 2 }),
    ...title(`VERSIONS  ${versions.length}`),
    ...textTable({ rows: [VERSION_HEAD, ...versions.map(versionRow)], style, indent: 2 }),
    ...title('MESSAGES'),
    ...accountingLines(summary, style),
  ].join('\n');
}

/** What calls a person and what is there to be read. */
function severities(incidents: readonly Incident[]): string {
  const alerts = incidents.filter(({ severity }) => severity === 'ALERT').length;
  return `${whole(alerts)} ALERT (to page), ${whole(incidents.length - alerts)} WARNING (to read)`;
}

/** Incidents in the order they were reported, each with its findings; at the end findings without one. */
function incidentLines(args: {
  incidents: readonly Incident[];
  findings: Summary['findings'];
  style: Style;
}): string[] {
  const groups = Map.groupBy(args.findings, (finding) => finding.incident_id);
  const known = new Set(args.incidents.map(({ incident_id: id }) => id));
  const ungrouped = args.findings.filter(({ incident_id: id }) => !known.has(id));
  // One table for all, so that the columns of all groups stand under each other.
  const rows = args.incidents.flatMap((incident) => groups.get(incident.incident_id) ?? []);
  const lines = textTable({
    rows: [FINDING_HEAD, ...[...rows, ...ungrouped].map(findingRow)],
    style: args.style,
    indent: 4,
  });
  const heads = textTable({ rows: args.incidents.map(incidentRow), style: args.style, indent: 2 });
  const [columns = '', ...rest] = lines;
  let next = 0;
  const take = (count: number) => {
    next += count;
    return rest.slice(next - count, next);
  };
  return [
    ...(rest.length === 0 ? [] : [columns]),
    ...args.incidents.flatMap((incident, index) => [
      heads[index] ?? '',
      ...take(groups.get(incident.incident_id)?.length ?? 0),
    ]),
    ...take(ungrouped.length),
  ];
}

function incidentRow(incident: Incident): Cell[] {
  const open = incident.status === 'open';
  const tone: Tone = !open ? 'quiet' : incident.severity === 'ALERT' ? 'bad' : 'warning';
  const [feature = '', ...others] = incident.features;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return [
    { text: incident.severity, tone },
    { text: incident.status, tone },
    { text: incident.kind, tone: 'title' },
    { text: `${feature === '' ? 'records' : feature}${more}`, tone: 'title' },
    incident.retrain === 'requested' ? { text: 'retrain requested', tone: 'good' } : '',
    { text: saysOf(incident), tone: 'quiet' },
  ];
}

/** Where it is, what changed before it, and what it has cost. */
function saysOf(incident: Incident): string {
  const { carrier, change, cost } = incident;
  const how = incident.cost_basis === 'estimated' ? ' estimated' : '';
  return [
    ...(carrier === '' ? [] : [`in ${carrier}`]),
    ...(cost === null
      ? []
      : [
          `${cost < 0 ? '' : '+'}${Number(cost.toPrecision(3))} nats on ${whole(incident.cost_rows)} rows${how}`,
        ]),
    ...(change === '' ? [] : [`after ${change}`]),
  ].join(', ');
}

const FINDING_HEAD: readonly Cell[] = ['kind', 'feature', 'segment', 'began', 'reported', 'evidence'].map(
  (text) => ({ text, tone: 'quiet' }),
);

function findingRow(finding: Summary['findings'][number]): Cell[] {
  return [
    finding.kind,
    finding.feature === '' ? finding.class : finding.feature,
    finding.segment === '' ? 'all rows' : finding.segment,
    date(finding.began),
    date(finding.reported),
    finding.fault === undefined
      ? finding.evidence
      : { text: `[injected: ${finding.fault.name}] ${finding.evidence}`, tone: 'marked' },
  ];
}

function faultRow({ fault, first }: Summary['faults'][number]): Cell[] {
  const began = [{ text: fault.name, tone: 'marked' } as const, `from ${date(fault.fromMs)}`];
  if (first === undefined) return [...began, { text: 'not found', tone: 'bad' }];
  const days = Math.max(0, first.reported - fault.fromMs) / DAY;
  const what = first.feature === '' ? first.class : first.feature;
  return [
    ...began,
    { text: `found after ${days.toFixed(1)} days`, tone: 'good' },
    `by ${first.kind} in ${what}`,
  ];
}

function retrainRow(retrain: Summary['retrains'][number]): Cell[] {
  return [date(retrain.requested), retrain.cause];
}

const VERSION_HEAD: readonly Cell[] = [
  'version',
  'status',
  'decided',
  'trained on',
  'log-loss before',
  'after',
  'on rows',
  'why',
].map((text, column) => ({ text, tone: 'quiet', right: column > 2 && column < 7 }));

function versionRow(version: Summary['versions'][number]): Cell[] {
  const figure = (text: string) => ({ text, right: true });
  return [
    { text: version.version, tone: 'title' },
    { text: version.status, tone: version.status === 'accepted' ? 'good' : 'warning' },
    date(version.created),
    figure(whole(version.snapshot_rows)),
    figure(loss(version.log_loss_before)),
    figure(loss(version.log_loss_after)),
    figure(whole(version.validation_rows)),
    version.reasons.join('; '),
  ];
}

/** One line where there is room, else one part a line: a cut sum would be worse than none. */
function accountingLines(summary: Summary, style: Style): string[] {
  const { accounting, produced } = summary;
  const unexplained = accounting.unexplained + produced - accounting.consumed;
  const parts = [
    `produced ${produced}`,
    `= stored ${accounting.stored}`,
    `+ dead letters ${accounting.dead_letters}`,
    `+ tombstones ${accounting.tombstones}`,
  ];
  const last = `unexplained ${unexplained}`;
  const tone: Tone = unexplained === 0 ? 'good' : 'bad';
  const line = `${parts.join(' ')}, ${last}`;
  if (line.length + 2 <= (style.columns ?? Number.POSITIVE_INFINITY))
    return [`  ${parts.join(' ')}, ${paint(last, tone, style)}`];
  return [...parts.map((part) => `  ${part}`), `  ${paint(last, tone, style)}`];
}

/** The newest revision of each incident, in the order of their first reports. */
function newestOf(transitions: readonly Incident[]): Incident[] {
  const newest = new Map<string, Incident>();
  for (const transition of transitions) {
    const known = newest.get(transition.incident_id);
    if (known === undefined || transition.revision > known.revision)
      newest.set(transition.incident_id, transition);
  }
  return [...newest.values()];
}

function counted(count: number, what: string): string {
  return `${whole(count)} ${what}${count === 1 ? '' : 's'}`;
}

function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function loss(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}

function whole(value: number): string {
  return value.toLocaleString('en');
}

const DAY = 86_400_000;
