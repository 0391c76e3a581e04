import type { Delivery, NotifyState } from '../notifying/notify-state.ts';
import type { Incident, SlackPlace } from './incident.ts';

export function keepIncident(state: Pick<NotifyState, 'incidents'>, incident: Incident): void {
  const { byId, byGroup, changed } = state.incidents;
  byId.set(incident.id, incident);
  byGroup.set(incident.groupKey, incident.id);
  changed.incidents.set(incident.id, incident);
}

/** The first message of an incident that Slack took begins its thread, also where one before it was refused. */
export function noteThread(state: NotifyState, delivery: Delivery): void {
  const { incidentId, status, action, channel, slackTs, slackChannel } = delivery;
  if (incidentId === null || status !== 'sent' || action === 'update' || slackTs === null) return;
  const incident = state.incidents.byId.get(incidentId);
  // A word in another channel is no part of it.
  if (incident === undefined || incident.thread !== null || incident.channel !== channel) return;
  keepIncident(state, { ...incident, thread: { channel: slackChannel ?? channel, ts: slackTs } });
}

/** The message that a delivery belongs to; null for one that stands alone, and while there is none to belong to. */
export function threadOf(state: Pick<NotifyState, 'incidents'>, delivery: Delivery): SlackPlace | null {
  if (delivery.action === 'post') return null;
  if (delivery.target !== null || delivery.incidentId === null) return delivery.target;
  return state.incidents.byId.get(delivery.incidentId)?.thread ?? null;
}
