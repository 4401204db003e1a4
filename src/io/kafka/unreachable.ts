import { DriftwatchError } from '../../errors.ts';

/** The sentence for a broker that did not do what was asked of it within the budget. */
export function unreachable(what: string, cause: unknown): DriftwatchError {
  if (cause instanceof DriftwatchError) return cause;
  return new DriftwatchError({
    code: 'BROKER_UNREACHABLE',
    message: `Kafka did not ${what}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    next: 'Check KAFKA_BROKERS and that the broker is up.',
    cause,
  });
}
