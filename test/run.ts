/**
 * Runs the tests: `node test/run.ts [FILES, PATTERNS or --test-... options]`, everything without.
 * Starts the embedded stack once for all of them if any chosen file uses it, hands its addresses over
 * in the environment, and exits with the status of Node's own runner, whose summary ends the output.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '../deploy/embedded/start-stack.ts';
import { sentence } from '../src/errors.ts';
import { freeTestOffset, TEST_CACHE } from './fixtures/own-stack.ts';
import { readSource } from './fixtures/source-text.ts';
import { TEST_STACK } from './fixtures/stack.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STACK_FIXTURE = fileURLToPath(new URL('fixtures/stack.ts', import.meta.url));
// The broker, the registry and ClickHouse run beside the tests on the same two cores.
const CONCURRENCY = 2;
const TEST_TIMEOUT_MS = 180_000;

process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const options = args.filter((arg) => arg.startsWith('-'));
  const patterns = args.filter((arg) => !arg.startsWith('-'));
  const files = testFiles(patterns.length === 0 ? ['test/**/*.test.ts'] : patterns);
  if (files.length === 0) {
    process.stderr.write(`No test file matches ${patterns.join(' ') || 'test/**/*.test.ts'}.\n`);
    return 1;
  }
  if (!files.some(usesStack) || process.env[TEST_STACK] !== undefined) return runTests(options, files, {});

  const home = mkdtempSync(join(tmpdir(), 'driftwatch-test-'));
  const interrupt = new AbortController();
  // The runner gets Ctrl-C from the terminal as well and ends; this process must stay to clean up.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
  let stack: Stack | undefined;
  try {
    stack = await startStack({
      home,
      cache: TEST_CACHE,
      portOffset: await freeTestOffset(),
      signal: interrupt.signal,
      onProgress: (line) => process.stdout.write(`${line}\n`),
    });
    const { brokers, registryUrl, clickhouse, pids } = stack;
    const shared = JSON.stringify({ brokers, registryUrl, clickhouse, pids });
    void stack.failed.then((error) =>
      process.stderr.write(`The shared stack broke under the tests: ${sentence(error)}\n`),
    );
    return await runTests(options, files, { [TEST_STACK]: shared }, interrupt.signal);
  } catch (error) {
    process.stderr.write(interrupt.signal.aborted ? 'Interrupted.\n' : `${sentence(error)}\n`);
    return 1;
  } finally {
    await stack?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function runTests(
  options: readonly string[],
  files: readonly string[],
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<number> {
  const runner = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${CONCURRENCY}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      ...options,
      ...files,
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } },
  );
  signal?.addEventListener('abort', () => runner.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    runner.once('error', reject);
    runner.once('close', (code) => resolve(code ?? 1));
  });
}

function testFiles(patterns: readonly string[]): string[] {
  const found = globSync([...patterns], { cwd: ROOT }).filter((path) => path.endsWith('.test.ts'));
  return [...new Set(found)].toSorted();
}

/** Whether the file imports the stack fixture, itself or through a helper. */
function usesStack(file: string): boolean {
  const seen = new Set<string>();
  const queue = [resolve(ROOT, file)];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (path === STACK_FIXTURE) return true;
    if (seen.has(path) || !path.startsWith(join(ROOT, 'test'))) continue;
    seen.add(path);
    for (const { specifier } of readSource(readFileSync(path, 'utf8')).imports) {
      if (specifier.startsWith('.')) queue.push(resolve(dirname(path), specifier));
    }
  }
  return false;
}
