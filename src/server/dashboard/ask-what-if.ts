import { z } from 'zod';
import { type Change, changeRows } from '../../core/analysis/what-if.ts';
import type { Contract, Field, Stream } from '../../core/contract/contract.ts';
import { modelTask } from '../../core/contract/label-task.ts';
import { asNumber, fieldOf, type ModelInput, modelInputs } from '../../core/contract/model-inputs.ts';
import { rawTableName } from '../../core/contract/raw-table.ts';
import type { Dataset } from '../../core/models/dataset.ts';
import { type FeatureValue, featureValue } from '../../core/models/replace-column.ts';
import { type Answer, answersOf } from '../../core/performance/answers.ts';
import type { ClickHouse } from '../../io/clickhouse/client.ts';

/** One served example, and what the serving version says of it with other values. */
export interface WhatIfAnswer {
  readonly id: string;
  readonly version: string;
  /** A probability or a number, or a class with the probability of each. */
  readonly before: Answer;
  readonly after: Answer;
  /** Whether a number is the probability of yes, or counts something in this unit. */
  readonly isProbability: boolean;
  readonly unit: string;
  readonly features: readonly {
    readonly name: string;
    readonly unit: string;
    readonly before: FeatureValue;
    readonly after: FeatureValue;
  }[];
}

export type AskWhatIf = (args: {
  model: string;
  /** Empty for the newest served example. */
  id: string;
  changes: readonly Change[];
}) => Promise<
  | { readonly status: 'ok'; readonly answer: WhatIfAnswer }
  | { readonly status: 'bad'; readonly sentence: string }
>;

/**
 * Answers what-if questions from the served rows and the model server, whose inference route logs nothing: asking
 * leaves no trace among the predictions. Everything that cannot be answered is a sentence.
 */
export function askWhatIf(ports: {
  clickhouse: Pick<ClickHouse, 'bytes'>;
  contracts(model: string): Promise<Readonly<Record<Stream, Contract>>>;
  serverUrl: string;
}): AskWhatIf {
  return async ({ model, id, changes }) => {
    const contracts = await ports.contracts(model);
    const contract = contracts.serving;
    const { inputs } = modelInputs(contract);
    const idField = fieldOf(contract, 'id')?.name;
    if (idField === undefined) return bad(`The serving contract of ${model} names no id.`);
    const body = await ports.clickhouse.bytes('served-example', {
      id: idField,
      wanted: id,
      serving: rawTableName(contract),
      columns: inputs.map(({ name }) => name),
    });
    const line = body.toString('utf8').trim();
    if (line === '')
      return bad(id === '' ? 'No example has been served yet.' : `No example "${id}" was served.`);
    const record = RECORD.parse(JSON.parse(line));
    const row = oneRow(record, inputs, contract.fields);
    const changed = changeRows(row, changes);
    if (changed.status === 'bad') return bad(`The change cannot be made: ${changed.why}.`);
    const scored = await infer({ url: ports.serverUrl, model, inputs, rows: [row, changed.rows] });
    if (scored === undefined) return bad('The model server does not answer; it may be starting.');
    const units = new Map(contract.fields.map((field) => [field.name, field.unit ?? '']));
    const features = inputs.map(({ name }) => ({
      name,
      unit: units.get(name) ?? '',
      before: featureValue(row, name, 0) ?? null,
      after: featureValue(changed.rows, name, 0) ?? null,
    }));
    const [before, after] = scored.answers;
    if (before === undefined || after === undefined) return bad('The model server gave no answer.');
    const read = modelTask(contracts);
    const isProbability = read.status === 'ok' && read.task.kind === 'classification';
    const unit = fieldOf(contract, 'prediction')?.unit ?? '';
    const { version } = scored;
    return {
      status: 'ok',
      answer: { id: `${record['_k']}`, version, before, after, isProbability, unit, features },
    };
  };
}

function oneRow(
  record: z.infer<typeof RECORD>,
  inputs: readonly ModelInput[],
  fields: readonly Field[],
): Dataset {
  const moments = new Set(fields.filter(({ kind }) => kind === 'timestamp').map(({ name }) => name));
  const number = (name: string): number => {
    const value = record[name];
    return moments.has(name) && typeof value === 'string' ? Date.parse(value) : asNumber(value);
  };
  const of = (kind: ModelInput['kind']) => inputs.filter((input) => input.kind === kind);
  return {
    rows: 1,
    numeric: of('numeric').map(({ name }) => ({ name, values: Float64Array.of(number(name)) })),
    categorical: of('categorical').map(({ name }) => {
      const value = record[name];
      return { name, values: [value === null || value === undefined ? null : `${value}`] };
    }),
    label: new Float64Array(0),
  };
}

async function infer(args: {
  url: string;
  model: string;
  inputs: readonly ModelInput[];
  rows: readonly Dataset[];
}): Promise<{ version: string; answers: readonly Answer[] } | undefined> {
  const inputs = args.inputs.map(({ name, kind }) => ({
    name,
    datatype: kind === 'numeric' ? 'FP64' : 'BYTES',
    shape: [args.rows.length],
    data: args.rows.map((row) => featureValue(row, name, 0) ?? null),
  }));
  try {
    const response = await fetch(`${args.url}/v2/models/${encodeURIComponent(args.model)}/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { model_version, outputs } = ANSWER.parse(await response.json());
    const chances = outputs.find(({ parameters }) => parameters?.classes !== undefined);
    const scores = NUMBERS.parse((chances ?? outputs[0])?.data);
    return { version: model_version, answers: answersOf(scores, chances?.parameters?.classes) };
  } catch {
    return undefined;
  }
}

function bad(sentence: string): { status: 'bad'; sentence: string } {
  return { status: 'bad', sentence };
}

const PATIENCE_MS = 5_000;
const RECORD = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]));
const ANSWER = z.object({
  model_version: z.string(),
  outputs: z.array(
    z.object({
      data: z.array(z.union([z.number(), z.string()])),
      parameters: z.object({ classes: z.array(z.string()).optional() }).optional(),
    }),
  ),
});
const NUMBERS = z.array(z.number());
