/** Counts of one model server, shown as Prometheus text. Base units, counters end in _total. */
export interface Metrics {
  count(name: CounterName, labels: Labels, by?: number): void;
  gauge(name: GaugeName, labels: Labels, value: number): void;
  /** Forgets every value of a gauge, before it is written anew. */
  clear(name: GaugeName): void;
  observe(seconds: number, labels: Labels): void;
  text(): string;
}

export type Labels = Readonly<Record<string, string>>;
export type CounterName = keyof typeof COUNTERS;
export type GaugeName = keyof typeof GAUGES;

const COUNTERS = {
  driftwatch_model_requests_total: 'HTTP requests by model, route and status',
  driftwatch_model_predictions_total: 'Predictions by model and version',
  driftwatch_prediction_log_records_total: 'Predictions that the broker has acknowledged',
  driftwatch_prediction_log_dropped_total: 'Predictions that were not logged because the queue was full',
  driftwatch_shadow_predictions_total: 'Predictions of shadow versions that the broker has acknowledged',
  driftwatch_shadow_dropped_total:
    'Predictions of shadow versions that were dropped: queue full, or not sent',
  driftwatch_model_releases_total: 'Releases read by model and outcome: loaded, refused, rejected or ignored',
} as const;
const GAUGES = {
  driftwatch_model_version_info: '1 for every loaded version; current says which one answers by default',
  driftwatch_prediction_log_queued: 'Predictions that wait to be logged',
} as const;
const HISTOGRAM = 'driftwatch_model_request_seconds';
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function createMetrics(): Metrics {
  const values = new Map<string, Map<string, number>>();
  const histograms = new Map<string, { buckets: number[]; sum: number; count: number }>();
  const of = (name: string): Map<string, number> => {
    const known = values.get(name) ?? new Map<string, number>();
    values.set(name, known);
    return known;
  };
  return {
    count(name, labels, by = 1) {
      const key = labelText(labels);
      of(name).set(key, (of(name).get(key) ?? 0) + by);
    },
    gauge(name, labels, value) {
      of(name).set(labelText(labels), value);
    },
    clear(name) {
      values.delete(name);
    },
    observe(seconds, labels) {
      const key = labelText(labels);
      const known = histograms.get(key) ?? { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 };
      known.sum += seconds;
      known.count += 1;
      known.buckets = known.buckets.map((n, index) => (seconds <= (BUCKETS[index] ?? 0) ? n + 1 : n));
      histograms.set(key, known);
    },
    text() {
      const lines: string[] = [];
      for (const [name, help] of Object.entries(COUNTERS))
        lines.push(...family(name, 'counter', help, of(name)));
      for (const [name, help] of Object.entries(GAUGES)) lines.push(...family(name, 'gauge', help, of(name)));
      lines.push(`# HELP ${HISTOGRAM} Time to answer a scoring request`, `# TYPE ${HISTOGRAM} histogram`);
      for (const [labels, { buckets, sum, count }] of histograms) {
        for (const [index, n] of buckets.entries()) {
          lines.push(`${HISTOGRAM}_bucket${braces(labels, `le="${BUCKETS[index]}"`)} ${n}`);
        }
        lines.push(`${HISTOGRAM}_bucket${braces(labels, 'le="+Inf"')} ${count}`);
        lines.push(
          `${HISTOGRAM}_sum${braces(labels)} ${sum}`,
          `${HISTOGRAM}_count${braces(labels)} ${count}`,
        );
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function family(name: string, type: string, help: string, values: ReadonlyMap<string, number>): string[] {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const [labels, value] of values) lines.push(`${name}${braces(labels)} ${value}`);
  return lines;
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

function braces(labels: string, more = ''): string {
  const all = [labels, more].filter((part) => part !== '').join(',');
  return all === '' ? '' : `{${all}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
