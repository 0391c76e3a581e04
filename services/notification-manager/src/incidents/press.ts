import { acknowledge, owe } from '../notifying/decide.ts';
import type { Delivery } from '../notifying/notify-state.ts';
import type { Incident, Interaction, PressOutcome, Silence, SlackPlace } from './incident.ts';
import { INTERACTIONS_MAX, SIGNATURE_MS_MAX } from './limits.ts';
import { keepWithNotification, type Saying, sayChange } from './say.ts';
import { silenceMatchers } from './silence-matchers.ts';

/** A button that somebody who may has pressed. */
export interface Pressed {
  /** Hash of the signature. */
  readonly id: string;
  readonly slackUser: string;
  readonly identity: string;
  readonly action: 'ack' | 'silence';
  readonly hours: number;
  /** The incident's or notification's id. */
  readonly target: string;
  /** Of the critical notification that is acknowledged; undefined for an incident. */
  readonly notification?:
    | { readonly title: string; readonly acked: boolean; readonly channel: string }
    | undefined;
  /** The message whose button it was. */
  readonly place: SlackPlace | null;
}

/** Once: the same request again is `replayed`, the same action again `already`. */
export function press(saying: Saying, pressed: Pressed): PressOutcome {
  const { state, now } = saying;
  const { interactions, changed } = state.incidents;
  forgetOld(saying);
  if (interactions.has(pressed.id)) return 'replayed';
  const outcome = carryOut(saying, pressed);
  const { id, slackUser, identity, target, action } = pressed;
  const interaction: Interaction = { id, slackUser, identity, target, action, outcome, at: now };
  interactions.set(id, interaction);
  changed.interactions.set(id, interaction);
  return outcome;
}

/** An acknowledgement by whatever way: an incident is told of it in its thread, and is not told again. */
export function ackIncident(saying: Saying, { incidentId, by }: { incidentId: string; by: string }): void {
  const incident = saying.state.incidents.byId.get(incidentId);
  if (incident === undefined || incident.ackedBy !== null) return;
  const acked = { ...incident, ackedBy: by, ackedAt: saying.now, escalateAt: null };
  keepWithNotification(saying, sayChange(saying, acked, { text: `Taken up by ${by}.` }));
}

function carryOut(saying: Saying, pressed: Pressed): PressOutcome {
  const incident = saying.state.incidents.byId.get(pressed.target);
  if (incident !== undefined)
    return pressed.action === 'ack'
      ? ackByButton(saying, pressed, incident)
      : silence(saying, pressed, incident);
  if (pressed.notification === undefined || pressed.action !== 'ack') return 'unknown';
  return ackNotification(saying, pressed, pressed.notification);
}

function ackByButton(saying: Saying, { identity, target }: Pressed, incident: Incident): PressOutcome {
  if (incident.ackedBy !== null) return 'already';
  acknowledge(saying.state, { notificationId: target, by: identity, note: 'by button' }, saying.now);
  ackIncident(saying, { incidentId: target, by: identity });
  return 'done';
}

function ackNotification(
  { state, routing, now, owed }: Saying,
  { identity, target, place }: Pressed,
  { acked, title, channel }: NonNullable<Pressed['notification']>,
): PressOutcome {
  if (acked || state.changed.acks.has(target)) return 'already';
  acknowledge(state, { notificationId: target, by: identity, note: 'by button' }, now);
  if (place === null || !routing.slackConfigured) return 'done';
  const text = `Taken up by ${identity}: ${title}`;
  const delivery: Delivery = {
    ...{ id: `${target}:ack`, notificationId: target, position: state.position, channel },
    ...{ action: 'reply', incidentId: null, target: place, status: 'pending', attempts: 0 },
    ...{ lastError: null, slackTs: null, slackChannel: null, createdAt: now, settledAt: null },
    message: {
      ...{ kind: 'reply', notificationId: target, severity: 'critical', text },
      ...{ lines: [], mention: null, buttons: [] },
    },
  };
  state.position += 1;
  owe(state, delivery);
  owed.push(delivery);
  return 'done';
}

function silence(saying: Saying, { id, identity, hours }: Pressed, incident: Incident): PressOutcome {
  const { state, now } = saying;
  if (incident.status === 'resolved') return 'closed';
  if (incident.silencedBy !== null && (incident.silencedUntil ?? 0) > now) return 'already';
  const asked: Silence = {
    ...{ id: `silence-${id.slice(0, 32)}`, incidentId: incident.id, hours },
    matchers: silenceMatchers(incident),
    ...{ requestedBy: identity, requestedAt: now, status: 'pending', attempts: 0 },
    ...{ lastError: null, alertmanagerId: null, settledAt: null },
  };
  state.incidents.silences.set(asked.id, asked);
  state.incidents.changed.silences.set(asked.id, asked);
  const silenced = { ...incident, silencedBy: identity, silencedUntil: now + hours * 3_600_000 };
  const text = `${identity} asks for silence for ${hours} h.`;
  keepWithNotification(saying, sayChange(saying, silenced, { text }));
  return 'done';
}

function forgetOld({ state, now }: Saying): void {
  const { interactions } = state.incidents;
  for (const { id, at } of interactions.values())
    if (now - at > SIGNATURE_MS_MAX || interactions.size > INTERACTIONS_MAX) interactions.delete(id);
}

/** What became of an attempt to set a silence. */
export interface SilenceTried {
  readonly silenceId: string;
  readonly attempts: number;
  readonly status: 'pending' | 'done' | 'failed';
  readonly error: string | null;
  readonly alertmanagerId: string | null;
}

/** Books it and tells the thread. False for one that was settled before. */
export function settleSilence(saying: Saying, tried: SilenceTried): boolean {
  const { incidents } = saying.state;
  const before = incidents.silences.get(tried.silenceId);
  if (before === undefined) return false;
  const { attempts, status, error: lastError, alertmanagerId } = tried;
  const settledAt = status === 'pending' ? null : saying.now;
  const after: Silence = { ...before, attempts, status, lastError, alertmanagerId, settledAt };
  incidents.changed.silences.set(after.id, after);
  if (status === 'pending') incidents.silences.set(after.id, after);
  else incidents.silences.delete(after.id);
  const incident = incidents.byId.get(after.incidentId);
  if (status !== 'pending' && incident !== undefined) tellSilence(saying, incident, after);
  return true;
}

function tellSilence(saying: Saying, incident: Incident, silenced: Silence): void {
  if (silenced.status === 'done') {
    const until = new Date(silenced.requestedAt + silenced.hours * 3_600_000).toISOString();
    const text = `Silent until ${until} (silence ${silenced.alertmanagerId} in Alertmanager).`;
    keepWithNotification(saying, sayChange(saying, incident, { text }));
    return;
  }
  const loud = { ...incident, silencedBy: null, silencedUntil: null };
  const text = `It could not be silenced: ${silenced.lastError ?? 'unknown reason'}. Set the silence in Alertmanager.`;
  keepWithNotification(saying, sayChange(saying, loud, { text }));
}
