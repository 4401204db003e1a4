import { z } from 'zod';
import type { ModelInput } from '../../core/contract/model-inputs.ts';
import type { Answer, ClassAnswer } from '../../core/performance/answers.ts';

/**
 * Open Inference Protocol v2: named tensors, one per feature, of shape [N] or [N, 1]. A null in `data` is
 * a missing value, and so is a feature without a tensor.
 * Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
 */
export function readInferRequest(body: unknown, inputs: readonly ModelInput[]): ReadInfer {
  const parsed = REQUEST.safeParse(body);
  if (!parsed.success) return bad(z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ').trim());
  const { id, outputs } = parsed.data;
  const unknownOutput = outputs?.find(({ name }) => name !== OUTPUT && name !== PROBABILITIES);
  if (unknownOutput !== undefined) return bad(`there is no output "${unknownOutput.name}", only "${OUTPUT}"`);
  const kinds = new Map(inputs.map((input) => [input.name, input.kind]));
  const records: Record<string, unknown>[] = [];
  for (const [index, tensor] of parsed.data.inputs.entries()) {
    const values = tensor.data.flat();
    const problem =
      checkTensor(tensor, values, kinds) ?? (index > 0 ? checkLength(values, records) : undefined);
    if (problem !== undefined) return bad(`input "${tensor.name}": ${problem}`);
    for (const [row, value] of values.entries()) {
      const record = records[row] ?? {};
      record[tensor.name] = value;
      records[row] = record;
    }
  }
  return { status: 'ok', id, records };
}

/**
 * The answer to an inference request: one number per row, or the class of each row and, in a second tensor of shape
 * [N, classes], the probability of each class; its parameter `classes` names them in order.
 */
export function inferAnswer(args: {
  model: string;
  version: string;
  id: string | undefined;
  answers: readonly Answer[];
}): Record<string, unknown> {
  const { answers } = args;
  const classed = answers.filter((answer) => typeof answer !== 'number');
  return {
    model_name: args.model,
    model_version: args.version,
    ...(args.id === undefined ? {} : { id: args.id }),
    outputs: classed.length > 0 ? classTensors(classed) : [tensorOf(OUTPUT, 'FP32', answers)],
  };
}

/** Class and probabilities. Versions that answered parts of one request may know other classes: then all are named. */
function classTensors(answers: readonly ClassAnswer[]): Record<string, unknown>[] {
  const classes = [...new Set(answers.flatMap(({ probabilities }) => Object.keys(probabilities)))];
  return [
    tensorOf(
      OUTPUT,
      'BYTES',
      answers.map(({ label }) => label),
    ),
    {
      ...tensorOf(
        PROBABILITIES,
        'FP32',
        answers.flatMap(({ probabilities }) => classes.map((name) => probabilities[name] ?? 0)),
      ),
      shape: [answers.length, classes.length],
      parameters: { classes },
    },
  ];
}

function tensorOf(name: string, datatype: string, data: readonly unknown[]): Record<string, unknown> {
  return { name, datatype, shape: [data.length], data };
}

/** Metadata of a model as the protocol wants it. */
export function modelMetadata(args: {
  model: string;
  versions: readonly string[];
  inputs: readonly ModelInput[];
  /** Whether it answers with classes. */
  classes: boolean;
}): Record<string, unknown> {
  return {
    name: args.model,
    versions: args.versions,
    platform: 'onnx_onnxv1',
    inputs: args.inputs.map(({ name, kind }) => ({
      name,
      datatype: kind === 'numeric' ? 'FP32' : 'BYTES',
      shape: [-1],
    })),
    outputs: args.classes
      ? [
          { name: OUTPUT, datatype: 'BYTES', shape: [-1] },
          { name: PROBABILITIES, datatype: 'FP32', shape: [-1, -1] },
        ]
      : [{ name: OUTPUT, datatype: 'FP32', shape: [-1] }],
  };
}

export type ReadInfer =
  | { readonly status: 'ok'; readonly id: string | undefined; readonly records: Record<string, unknown>[] }
  | { readonly status: 'bad'; readonly why: string };

type Tensor = z.infer<typeof TENSOR>;
type Value = z.infer<typeof VALUE>;

function checkTensor(
  tensor: Tensor,
  values: readonly Value[],
  kinds: ReadonlyMap<string, string>,
): string | undefined {
  const kind = kinds.get(tensor.name);
  if (kind === undefined) return 'the model has no such feature';
  const [rows, columns] = tensor.shape;
  if (rows === undefined || tensor.shape.length > 2 || (columns ?? 1) !== 1) {
    return `shape [${tensor.shape.join(', ')}] is neither [N] nor [N, 1]`;
  }
  if (values.length !== rows) return `data has ${values.length} values, shape says ${rows}`;
  const wanted = kind === 'categorical' ? 'BYTES' : 'a number type or BOOL';
  if ((kind === 'categorical') !== (tensor.datatype === 'BYTES')) {
    return `datatype ${tensor.datatype} does not fit, ${wanted} is needed`;
  }
  const wrong = values.find((value) => value !== null && !fits(value, tensor.datatype));
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is not ${tensor.datatype}`;
}

function checkLength(values: readonly Value[], records: readonly unknown[]): string | undefined {
  if (values.length === records.length) return undefined;
  return `${values.length} rows, but the inputs before have ${records.length}`;
}

function fits(value: Value, datatype: Tensor['datatype']): boolean {
  if (datatype === 'BYTES') return typeof value === 'string';
  if (datatype === 'BOOL') return typeof value === 'boolean';
  if (datatype === 'FP32' || datatype === 'FP64') return typeof value === 'number';
  return Number.isInteger(value);
}

function bad(why: string): ReadInfer {
  return { status: 'bad', why };
}

const OUTPUT = 'prediction';
const PROBABILITIES = 'probabilities';
const VALUE = z.union([z.number(), z.string(), z.boolean(), z.null()]);
const TENSOR = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  datatype: z.enum(['BOOL', 'INT8', 'INT16', 'INT32', 'INT64', 'FP32', 'FP64', 'BYTES']),
  data: z.array(z.union([VALUE, z.array(VALUE)])),
});
const REQUEST = z.object({
  id: z.string().optional(),
  inputs: z.array(TENSOR).min(1),
  outputs: z.array(z.object({ name: z.string() })).optional(),
});
