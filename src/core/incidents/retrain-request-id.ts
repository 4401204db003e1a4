import { eventId } from '../uuid.ts';

/** Id of the request that an incident asks for: at most one. */
export function retrainRequestId(incidentId: string): string {
  return eventId('retrain-request', incidentId);
}

/** Id of the request that a rule asks for when a window of labels has closed. */
export function ruleRequestId(of: { model: string; version: string; window: string }): string {
  return eventId('retrain-request', of.model, of.version, of.window);
}

/** Id of the request that follows another up: at most one. */
export function followUpId(requestId: string): string {
  return eventId('retrain-request', requestId, 'follow-up');
}
