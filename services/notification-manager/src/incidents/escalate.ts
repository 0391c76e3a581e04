import type { Routing, Severity } from '../notifying/policy.ts';
import type { Incident } from './incident.ts';
import { keepWithNotification, type Saying, sayChange, sayElsewhere } from './say.ts';

/** When a critical incident is told again unless somebody takes it up; null for others. Epoch milliseconds. */
export function escalationTime(severity: Severity, now: number, routing: Routing): number | null {
  const { afterMinutes, times } = routing.incidents.escalation;
  return severity === 'critical' && times > 0 ? now + afterMinutes * 60_000 : null;
}

/** When something is to be done with it by itself; null for a closed one. */
export function dueTime(incident: Incident, routing: Routing): number | null {
  if (incident.status === 'resolved') return null;
  const unheard = incident.heardAt + routing.incidents.closeUnheardAfterHours * 3_600_000;
  // A silenced group is not spoken of until the silence is over.
  const closing = Math.max(unheard, (incident.silencedUntil ?? 0) + (unheard - incident.heardAt));
  return Math.min(incident.silencedUntil === null ? unheard : closing, incident.escalateAt ?? closing);
}

/** Does what is due: tells it again, or closes what nobody speaks of any more. False when nothing is due. */
export function doDue(saying: Saying, incidentId: string): boolean {
  const { state, routing, now } = saying;
  const incident = state.incidents.byId.get(incidentId);
  if (incident === undefined) return false;
  const due = dueTime(incident, routing);
  if (due === null || due > now) return false;
  if (incident.escalateAt !== null && incident.escalateAt <= now) escalate(saying, incident);
  else closeUnheard(saying, incident);
  return true;
}

function escalate(saying: Saying, incident: Incident): void {
  const { routing, now } = saying;
  const { afterMinutes, times, channel, mention } = routing.incidents.escalation;
  const silenced = incident.silencedUntil !== null && incident.silencedUntil > now;
  const escalations = incident.escalations + 1;
  const again = { ...incident, escalations, escalateAt: nextTime(incident, { now, afterMinutes, times }) };
  if (silenced) {
    // Nobody is called about what somebody has silenced; it comes back when the silence is over.
    const escalateAt = (incident.silencedUntil ?? now) + afterMinutes * 60_000;
    keepWithNotification(saying, { ...incident, escalateAt });
    return;
  }
  const minutes = Math.max(1, Math.round((now - incident.openedAt) / 60_000));
  const text = `Nobody has taken it up for ${minutes} min: ${incident.title}`;
  const reply = { text, mention: mentionText(mention) };
  const said = sayChange(saying, again, reply);
  const elsewhere =
    channel === undefined || channel === said.channel
      ? said
      : sayElsewhere(saying, said, { ...reply, channel });
  keepWithNotification(saying, elsewhere);
}

interface Pace {
  readonly now: number;
  readonly afterMinutes: number;
  readonly times: number;
}

function nextTime(incident: Incident, { now, afterMinutes, times }: Pace): number | null {
  return incident.escalations + 1 < times ? now + afterMinutes * 60_000 : null;
}

function closeUnheard(saying: Saying, incident: Incident): void {
  const { now, routing } = saying;
  const hours = routing.incidents.closeUnheardAfterHours;
  const closed: Incident = {
    ...incident,
    status: 'resolved',
    resolvedAt: now,
    changedAt: now,
    escalateAt: null,
  };
  const text = `Closed: Alertmanager has not spoken of it for ${hours} h. Look there whether it still fires.`;
  keepWithNotification(saying, sayChange(saying, closed, { text }));
}

/** https://docs.slack.dev/messaging/formatting-message-text#special-mentions */
function mentionText(mention: string | undefined): string | null {
  if (mention === undefined) return null;
  if (mention === 'here' || mention === 'channel') return `<!${mention}>`;
  return mention.startsWith('S') ? `<!subteam^${mention}>` : `<@${mention}>`;
}
