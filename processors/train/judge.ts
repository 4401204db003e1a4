import type { Task } from '../../src/core/models/model.ts';
import { MEASURES } from '../../src/core/performance/reported-losses.ts';
import { type Comparison, compareChallenger, describeComparison } from './compare-challenger.ts';
import type { Measured, MeasuredModel } from './measure.ts';
import type { TrainPolicy } from './ports.ts';

/** The champion on the validation rows, or why it could not be measured. */
export type Champion = Measured & { readonly version: string };

/** The decision on a challenger. `comparison` is undefined when there was nothing to compare with. */
export interface Judgement {
  readonly status: 'accepted' | 'rejected';
  readonly reasons: readonly string[];
  readonly comparison?: Exclude<Comparison, { status: 'insufficient' }>;
}

/**
 * The first version is accepted; later ones must beat the champion. A champion that cannot be measured is
 * never replaced silently: the challenger is rejected, and a person has to look at the model store.
 */
export function judge(args: {
  challenger: MeasuredModel;
  champion: Champion | undefined;
  task: Task;
  policy: TrainPolicy;
}): Judgement {
  const { challenger, champion, policy } = args;
  if (champion === undefined) return { status: 'accepted', reasons: ['there is no champion to beat'] };
  if (champion.status === 'refused') {
    const why = `the champion ${champion.version} could not be measured: ${champion.why}`;
    return { status: 'rejected', reasons: [why] };
  }
  const comparison = compareChallenger({
    challenger: challenger.losses,
    champion: champion.losses,
    marginNats: policy.marginNats,
  });
  const words = describeComparison({
    comparison,
    champion: champion.version,
    // What decides is the log-loss, of which a squared error is a part.
    measure: MEASURES[args.task],
    before: champion.squaredError ?? champion.mean,
    after: challenger.squaredError ?? challenger.mean,
    validationDays: policy.validationDays,
    marginNats: policy.marginNats,
  });
  if (comparison.status === 'insufficient') return { status: 'rejected', reasons: [words] };
  return { status: comparison.status === 'better' ? 'accepted' : 'rejected', reasons: [words], comparison };
}
