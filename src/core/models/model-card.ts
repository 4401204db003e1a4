import type { Task } from './model.ts';

/** What a card says of a version; each part is missing words, never made-up ones. */
export interface CardFacts {
  readonly model: string;
  readonly version: string;
  readonly status: 'accepted' | 'rejected';
  readonly reasons: readonly string[];
  readonly created: string;
  readonly sha256: string;
  /** Classification when absent. */
  readonly task?: Task | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly inputs: readonly { readonly name: string; readonly kind: string }[];
  readonly snapshot: {
    readonly sha256: string;
    readonly rows: number;
    readonly topic: string;
    readonly partitions: readonly number[];
    readonly first_offsets: readonly number[];
    readonly end_offsets: readonly number[];
    readonly from: string;
    readonly until: string;
    readonly schema_ids: readonly number[];
  };
  readonly training: {
    readonly trainer: string;
    readonly seed: number;
    readonly config: Readonly<Record<string, unknown>>;
    readonly rows: number;
    readonly positives: number;
    readonly purged: number;
    readonly metrics: Readonly<Record<string, { readonly value: number; readonly n: number }>>;
  };
  readonly validation: {
    readonly from: string;
    readonly rows: number;
    readonly positives: number;
    readonly log_loss: number;
    readonly log_loss_sd: number;
    readonly roc_auc: number | null;
    readonly squared_error?: number | undefined;
  };
  /** Absent where the training data were not checked. */
  readonly data_checks?:
    | {
        readonly checks: number;
        readonly compared_with: string | null;
        readonly not_compared?: string | undefined;
        readonly warnings: readonly { readonly check: string; readonly detail: string; readonly n: number }[];
        readonly insufficient: readonly unknown[];
      }
    | undefined;
  readonly comparison: {
    readonly champion: string;
    readonly log_loss: number;
    readonly improvement: number;
    readonly standard_error: number;
    readonly margin: number;
    readonly rows: number;
  } | null;
  readonly lineage: {
    readonly request_id: string;
    readonly incident_id: string | null;
    readonly cause: string;
    readonly parent: string | null;
  };
  readonly code_version: string;
}

/**
 * A model card in Markdown: what the version is, what it was trained on, how good it was on later rows, and where that
 * ends. Every number has its sample size. Source: Mitchell et al., Model Cards for Model Reporting, FAT* 2019.
 */
export function modelCard(facts: CardFacts): string {
  const { snapshot, training, validation, comparison, lineage, task = 'classification' } = facts;
  const labelled = (of: { readonly positives: number }): string =>
    task === 'classification' ? `${of.positives} with label 1` : '';
  const offsets = snapshot.partitions.map(
    (partition, at) => `${partition}: ${snapshot.first_offsets[at]} to ${snapshot.end_offsets[at]}`,
  );
  const error = 1.96 * (validation.log_loss_sd / Math.sqrt(validation.rows));
  return [
    `# ${facts.model} ${facts.version}`,
    '',
    `Status: ${facts.status}, decided ${facts.created}: ${facts.reasons.join('; ')}.`,
    '',
    '## What it is',
    '',
    `Answers ${answers(facts)}. Trained by ${training.trainer}, seed ${training.seed}, driftwatch ${facts.code_version}.`,
    `model.onnx has sha256 ${facts.sha256}.`,
    '',
    '| input | kind |',
    '|---|---|',
    ...facts.inputs.map(({ name, kind }) => `| ${cell(name)} | ${kind} |`),
    '',
    '| setting | value |',
    '|---|---|',
    ...Object.entries(training.config).map(
      ([name, value]) => `| ${cell(name)} | ${cell(JSON.stringify(value))} |`,
    ),
    '',
    '## What it was trained on',
    '',
    `${snapshot.rows} labelled rows of ${snapshot.topic} with event times from ${snapshot.from} to ${snapshot.until},`,
    `offsets ${offsets.join(', ')}, writer schemas ${snapshot.schema_ids.join(', ')}, sha256 ${snapshot.sha256}.`,
    `${training.rows} of them for training${inBrackets(labelled(training))}, ${training.purged} left out because validation has their id.`,
    '',
    ...checkLines(facts.data_checks),
    '',
    '## How good it was',
    '',
    `On the ${validation.rows} newest rows (${[`from ${validation.from}`, labelled(validation)].filter(Boolean).join(', ')}), which it was not trained on:`,
    `log-loss ${validation.log_loss.toFixed(4)} ± ${error.toFixed(4)} (95%, if rows were independent)${also(validation, task)}.`,
    ...Object.entries(training.metrics).map(
      ([name, { value, n }]) => `${name}: ${value.toFixed(4)} (n ${n}).`,
    ),
    '',
    comparison === null
      ? 'It was compared with no other version.'
      : `Against ${comparison.champion} on the same ${comparison.rows} rows: better by ${comparison.improvement.toFixed(4)} nats, standard error ${comparison.standard_error.toFixed(4)}, margin ${comparison.margin}.`,
    '',
    '## Where that ends',
    '',
    `- The rows are from ${snapshot.from.slice(0, 10)} to ${snapshot.until.slice(0, 10)}; what has changed since is for drift verdicts to say.`,
    '- Rows depend on each other, so the real uncertainty is larger than the one printed.',
    '- Nothing here is about fairness or single segments; `driftwatch analyse` is.',
    '',
    '## Where it comes from',
    '',
    `Request ${lineage.request_id} (${lineage.cause}), incident ${lineage.incident_id ?? 'none'}, parent ${lineage.parent ?? 'none'}.`,
    '',
  ].join('\n');
}

function answers({ task, classes = [] }: CardFacts): string {
  if (task === 'regression') return 'a number';
  if (task === 'multiclass') return `the probability of each of ${classes.map(cell).join(', ')}`;
  return 'the probability of label 1';
}

/** What else is known of the validation rows. */
function also({ roc_auc, squared_error }: CardFacts['validation'], task: Task): string {
  if (task === 'regression') {
    const error = Math.sqrt(squared_error ?? Number.NaN);
    return squared_error === undefined ? '' : ` by a root mean squared error of ${error.toPrecision(4)}`;
  }
  if (task === 'multiclass') return '';
  return `, ROC AUC ${roc_auc?.toFixed(4) ?? 'unknown: one class only'}`;
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

/** What the gate before training found odd and let pass. */
function checkLines(checked: CardFacts['data_checks']): string[] {
  if (checked === undefined) return ['The training data were not checked.'];
  const { checks, warnings, insufficient } = checked;
  const before =
    checked.compared_with === null
      ? `They were compared with no earlier training data: ${checked.not_compared ?? 'none were read'}.`
      : `They were compared with what ${checked.compared_with} was trained on.`;
  const few = insufficient.length === 0 ? '' : `, ${insufficient.length} had too few rows to tell`;
  const found = warnings.length === 0 ? 'nothing odd was found' : `${warnings.length} found something odd`;
  return [
    `Of ${checks} checks of the training data none stopped the training, ${found}${few}. ${before}`,
    ...(warnings.length === 0 ? [] : ['']),
    ...warnings.map(({ check, detail, n }) => `- ${check}: ${detail} (n ${n})`),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
