import type { DriftKind, Observation } from './finding.ts';

/** A verdict that reads differently since late rows came. */
export interface Change {
  readonly model: string;
  readonly kind: DriftKind;
  readonly class: string;
  readonly feature: string;
  readonly segment: string;
  readonly windowStartMs: number;
  /** The window that the late rows belong to; the same, or an earlier one that this one remembers. */
  readonly lateWindowMs: number;
  /** How many rows came late for that window; 0 when it is not known. */
  readonly lateRows: number;
  readonly before: Answer;
  readonly after: Answer & { readonly effectFloor: number };
}

export interface Answer {
  readonly verdict: Observation['verdict'];
  readonly value?: number;
  readonly effect?: number;
  readonly effectUnit: string;
  readonly n: number;
}

/**
 * The change in one sentence: how many rows came late for which window, what they did to the number, and on which side
 * of the floor it is now. Of several changes the one with the largest effect before or after is told. Empty without any.
 */
export function sayChanges(changes: readonly Change[]): string {
  const sizeOf = ({ before, after }: Change) => Math.max(before.effect ?? 0, after.effect ?? 0);
  const [main, ...others] = changes.toSorted(
    (a, b) => sizeOf(b) - sizeOf(a) || a.windowStartMs - b.windowStartMs || (a.segment < b.segment ? -1 : 1),
  );
  if (main === undefined) return '';
  const more = others.length === 0 ? '' : `; ${others.length} more ${plural(others.length)} changed`;
  return `${sayOne(main)}${more}`;
}

function sayOne(change: Change): string {
  const { before, after } = change;
  const rows = change.lateRows > 0 ? `${change.lateRows.toLocaleString('en-US')} late rows` : 'late rows';
  const where = change.segment === '' ? '' : ` for ${change.segment}`;
  const later =
    change.windowStartMs === change.lateWindowMs ? '' : ` in the window of ${minute(change.windowStartMs)}`;
  const what = `${change.feature === '' ? 'the records' : change.feature}${where}${later}`;
  const said = `${rows} of the window of ${minute(change.lateWindowMs)}`;
  return `${said} ${moved(before, after)} ${what} from ${size(change, before)} to ${size(change, after)}${standing(change)}`;
}

function moved(before: Answer, after: Answer): string {
  if (before.effect === undefined || after.effect === undefined) return 'brought';
  if (before.effectUnit !== after.effectUnit || before.effect === after.effect) return 'brought';
  return after.effect < before.effect ? 'lowered' : 'raised';
}

/** The effect, with the statistic beside it where that is another number. */
function size({ class: name }: Change, answer: Answer): string {
  if (answer.effect === undefined) return answer.verdict;
  const { value } = answer;
  const other = value === undefined || value === 0 || value === answer.effect || name !== 'psi';
  return `${number(answer.effect)} ${answer.effectUnit}${other ? '' : ` (PSI ${number(value)})`}`;
}

/** Where the answer stands now. */
function standing({ after }: Change): string {
  if (after.verdict === 'insufficient') return `: ${after.n} rows are too few to judge`;
  if (after.effect === undefined) return '';
  const floor = `the effect floor of ${number(after.effectFloor)}`;
  if (after.effect < after.effectFloor) return `, under ${floor}`;
  if (after.verdict === 'drift') return `, above ${floor}`;
  return ', without enough evidence within the paging budget';
}

function plural(count: number): string {
  return count === 1 ? 'verdict' : 'verdicts';
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function number(x: number): string {
  return Number(x.toPrecision(3)).toString();
}
