import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { checkOnnx } from '../../core/onnx/check-onnx.ts';
import type { OnnxPort } from '../../core/onnx/inspect-type.ts';
import { DriftwatchError } from '../../errors.ts';
import type { Columns, Scorer, ScorerInfo, ScorerInput, ScorerOutput } from './scorer.ts';

/**
 * Rows per call of the runtime. A call blocks the event loop (the runtime's Node binding is synchronous), at
 * about 2 microseconds per row for 100 trees; between calls other work gets its turn.
 */
const CHUNK_ROWS = 4096;

/**
 * Loads a model file for scoring on the CPU with one thread. Verifies the hash and checks the file before the
 * runtime sees it. Throws MODEL_REJECTED with the reasons. To load a file that others wrote, run
 * `probeModel` first: a crash of the runtime then costs a child process.
 */
export async function loadScorer(args: {
  bytes: Uint8Array;
  sha256: string;
  /** Names of the classes, for a model that answers with their probabilities. */
  classes?: readonly string[];
}): Promise<Scorer> {
  // A copy, so that what was checked is what is loaded whatever the caller does with its buffer.
  const bytes = args.bytes.slice();
  const { producer, inputs, output, width } = accept(bytes, args.sha256);
  const { classes } = args;
  if (classes !== undefined && classes.length !== width) {
    throw rejected([`it answers with ${width} numbers per row, and there are ${classes.length} classes`]);
  }
  const session = await open(bytes);
  const info: ScorerInfo = {
    sha256: args.sha256.toLowerCase(),
    producer,
    bytes: bytes.length,
    output,
    width,
    ...(classes === undefined ? {} : { classes }),
  };
  let closed = false;
  return {
    info,
    inputs,
    async score(columns) {
      if (closed) throw misuse('The scorer is closed.', 'Keep a version open until its last answer is out.');
      checkColumns(inputs, columns);
      const scores = new Float32Array(columns.rows * width);
      for (let start = 0; start < columns.rows; start += CHUNK_ROWS) {
        if (start > 0) await setImmediate();
        const end = Math.min(columns.rows, start + CHUNK_ROWS);
        scores.set(await run({ session, inputs, columns, start, end, output, width }), start * width);
      }
      return scores;
    },
    async close() {
      if (closed) return;
      closed = true;
      await session.release();
    },
  };
}

/** Hash, safety and shape of the file; throws with every reason found. */
function accept(bytes: Uint8Array, sha256: string) {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256.toLowerCase()) {
    throw rejected([`its sha256 is ${actual}, expected was ${sha256}`]);
  }
  const checked = checkOnnx(bytes);
  if (checked.status === 'refused') throw rejected(checked.reasons);
  const reasons: string[] = [];
  const inputs = checked.inputs.map((port) => asInput(port, reasons));
  const output = OUTPUTS.find((name) =>
    checked.outputs.some((port) => port.name === name && port.type === 'float'),
  );
  if (output === undefined) reasons.push(`it has no float output called ${OUTPUTS.join(' or ')}`);
  const width = widthOf(checked.outputs.find(({ name }) => name === output));
  if (output === 'probabilities' && width === undefined) {
    reasons.push('its output "probabilities" does not say how many classes it has');
  }
  if (reasons.length > 0 || output === undefined) throw rejected(reasons);
  return { producer: checked.producer, inputs, output, width: output === 'probabilities' ? (width ?? 1) : 1 };
}

/** Numbers per row of an output of shape [N, numbers]. */
function widthOf(port: OnnxPort | undefined): number | undefined {
  const width = port?.shape[1];
  return typeof width === 'number' && width >= 1 ? width : undefined;
}

const OUTPUTS: readonly ScorerOutput[] = ['probability', 'prediction', 'probabilities'];

function asInput(port: OnnxPort, reasons: string[]): ScorerInput {
  const [rows, width] = port.shape;
  if (port.shape.length !== 2 || width !== 1 || typeof rows === 'number') {
    reasons.push(`input "${port.name}" has shape [${port.shape.join(', ')}], expected was [N, 1]`);
  }
  if (port.type !== 'float' && port.type !== 'string') {
    reasons.push(`input "${port.name}" is of type ${port.type}, expected was float or string`);
  }
  return { name: port.name, kind: port.type === 'string' ? 'categorical' : 'numeric' };
}

async function open(bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw rejected(
      [`the runtime refused it: ${cause instanceof Error ? cause.message : String(cause)}`],
      cause,
    );
  }
}

async function run(args: {
  session: InferenceSession;
  inputs: readonly ScorerInput[];
  columns: Columns;
  start: number;
  end: number;
  output: string;
  width: number;
}): Promise<Float32Array> {
  const { session, inputs, columns, start, end, output, width } = args;
  const feeds: Record<string, Tensor> = {};
  for (const { name, kind } of inputs) {
    feeds[name] =
      kind === 'numeric'
        ? new Tensor('float32', columns.numeric[name]?.slice(start, end) ?? new Float32Array(0), [
            end - start,
            1,
          ])
        : new Tensor('string', columns.categorical[name]?.slice(start, end) ?? [], [end - start, 1]);
  }
  let data: unknown;
  try {
    data = (await session.run(feeds, [output]))[output]?.data;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw misuse(`The runtime failed on ${end - start} rows: ${why}.`, 'Probe the model file.', cause);
  }
  if (data instanceof Float32Array && data.length === (end - start) * width) return data;
  throw rejected([
    `its output "${output}" does not have ${width === 1 ? 'one number' : `${width} numbers`} per row`,
  ]);
}

function checkColumns(inputs: readonly ScorerInput[], columns: Columns): void {
  for (const { name, kind } of inputs) {
    const length = columns[kind][name]?.length;
    if (length === columns.rows) continue;
    throw misuse(
      `The model reads ${columns.rows} values of the ${kind} column "${name}", but was given ${length ?? 'none'}.`,
      'Fill a column that a request left out with missing values.',
    );
  }
}

function rejected(reasons: readonly string[], cause?: unknown): DriftwatchError {
  return new DriftwatchError({
    code: 'MODEL_REJECTED',
    message: `The model file was rejected: ${reasons.join('; ')}.`,
    next: 'Train and release the version again; the one that serves stays in place.',
    cause,
  });
}

function misuse(message: string, next: string, cause?: unknown): DriftwatchError {
  return new DriftwatchError({ code: 'INVARIANT_BROKEN', message, next, cause });
}
