import { type CheckResult, percent } from './check.ts';

/**
 * Are examples of the training rows among the validation rows too? The model has then seen the answers it is
 * examined on, and the examination flatters it. One shared id is a finding: with unique ids there is no reason
 * for any. Misleads when the id names an entity that rightly occurs many times (a customer): split by entity
 * then.
 */
export function idLeakage(args: { training: readonly string[]; validation: readonly string[] }): CheckResult {
  const check = 'id-leakage';
  const { training, validation } = args;
  const fewer = Math.min(training.length, validation.length);
  if (fewer === 0) return { check, status: 'insufficient', need: 1, have: 0, why: 'rows on both sides' };
  const trained = new Set(training);
  const shared = validation.filter((id) => trained.has(id));
  const n = validation.length;
  if (shared.length === 0) return { check, status: 'ok', n };
  const named = [...new Set(shared)].sort().slice(0, 3);
  return {
    check,
    status: 'finding',
    detail: `${shared.length} of ${n} validation rows (${percent(shared.length / n)}) have the id of a training row (${named.join(', ')})`,
    numbers: { rows: shared.length, share: shared.length / n, ids: new Set(shared).size },
    n,
  };
}
