import { plainView } from './plain-view.ts';
import { ttyView } from './tty-view.ts';
import type { View } from './view.ts';

/** The view that fits the terminal. Messages go to stderr when stdout carries data. */
export function openView(args: { json: boolean; noColour: boolean }): View {
  const stream = args.json ? process.stderr : process.stdout;
  const write = (text: string): void => {
    stream.write(text);
  };
  if (!stream.isTTY || args.noColour) return plainView(write);
  return ttyView({ write, columns: () => stream.columns });
}
