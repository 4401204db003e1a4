import { plainView } from './plain-view.ts';
import type { View } from './view.ts';

/** The view that fits: messages go to stderr when stdout carries data. */
export function openView(args: { json: boolean }): View {
  const stream = args.json ? process.stderr : process.stdout;
  return plainView((text) => stream.write(text));
}
