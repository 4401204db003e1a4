import { eventId } from '../uuid.ts';

/** Id of the request that an incident asks for, or of the one that follows it up: at most one of each. */
export function retrainRequestId(incidentId: string, followUp: boolean): string {
  return followUp
    ? eventId('retrain-request', incidentId, 'follow-up')
    : eventId('retrain-request', incidentId);
}
