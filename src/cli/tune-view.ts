import { bestSoFar, type SearchPlan, type TrialResult, trialsOf } from '../core/tuning/search-plan.ts';
import type { Candidate } from '../core/tuning/search-space.ts';
import { textTable } from './view/text-table.ts';

/** How a tuning shows what it has found so far: a table that is drawn over on a terminal, else a line per result. */
export interface TuneView {
  show(results: readonly TrialResult[], resumed: number): void;
  close(): void;
}

/** With `json` lines go to standard error, so that standard output is the result alone. */
export function openTuneView(args: {
  plan: SearchPlan;
  candidates: readonly Candidate[];
  json: boolean;
}): TuneView {
  const { plan, candidates } = args;
  const output = args.json ? process.stderr : process.stdout;
  if (!output.isTTY) {
    let shown = 0;
    return {
      show(results, resumed) {
        if (shown === 0 && resumed > 0) {
          output.write(`${resumed} trials of an earlier run are taken over.\n`);
          shown = resumed;
        }
        for (const result of results.slice(shown)) output.write(`${lineOf(result, results)}\n`);
        shown = results.length;
      },
      close: () => undefined,
    };
  }
  let drawn = 0;
  return {
    show(results) {
      const lines = tableOf({ plan, candidates, results, columns: output.columns });
      const up = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`;
      output.write(`${up}${lines.join('\n')}\n`);
      drawn = lines.length;
    },
    close: () => void output.write('\n'),
  };

  function lineOf(result: TrialResult, results: readonly TrialResult[]): string {
    const place = `${results.length}/${trialsOf(plan)} rung ${result.rung + 1} candidate ${result.candidate}`;
    const settings = JSON.stringify(candidates[result.candidate] ?? {});
    if (result.status === 'failed') return `${place} failed: ${result.why} ${settings}`;
    const best = bestSoFar(results);
    const mark = best?.candidate === result.candidate ? ' best so far' : '';
    return `${place} loss ${result.loss.toFixed(5)} n ${result.n}${mark} ${settings}`;
  }
}

/** The best of the highest rung that has results, best first. */
function tableOf(args: {
  plan: SearchPlan;
  candidates: readonly Candidate[];
  results: readonly TrialResult[];
  columns: number;
}): string[] {
  const { plan, candidates, results, columns } = args;
  const rung = bestSoFar(results)?.rung ?? 0;
  const measured = results.flatMap((result) =>
    result.rung === rung && result.status === 'measured' ? [result] : [],
  );
  const best = measured.sort((a, b) => a.loss - b.loss || a.candidate - b.candidate).slice(0, SHOWN);
  const share = plan.rungs[rung]?.share ?? 1;
  return [
    `trials ${results.length} of ${trialsOf(plan)}, rung ${rung + 1} of ${plan.rungs.length} (${(share * 100).toFixed(0)}% of the rows)`,
    ...textTable({
      rows: [
        [
          { text: 'candidate', tone: 'title' },
          { text: 'loss', tone: 'title' },
          { text: 'settings', tone: 'title' },
        ],
        ...best.map((result) => [
          String(result.candidate),
          result.loss.toFixed(5),
          settingsText(candidates[result.candidate] ?? {}),
        ]),
      ],
      style: { columns, colour: true },
    }),
  ];
}

function settingsText(candidate: Candidate): string {
  const words = Object.entries(candidate).map(([name, value]) => `${name} ${value}`);
  return words.length === 0 ? 'as they are' : words.join(', ');
}

const SHOWN = 8;
