import { parentPort } from 'node:worker_threads';
import { runTask, type Task } from './bench-detection-task.ts';

/** Runs one task after the other for `bench detection`; ends when the parent closes the port. */
parentPort?.on('message', (task: Task) => {
  parentPort?.postMessage(runTask(task));
});
