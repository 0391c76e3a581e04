import type { Incident } from './incident.ts';

const LISTED_MAX = 50;

/** What `/status` says of incidents: the open ones, oldest first. */
export function incidentsStatus(incidents: readonly Incident[]) {
  const open = incidents.filter(({ status }) => status === 'open');
  return {
    open: open.length,
    listed: open.slice(0, LISTED_MAX).map((incident) => ({
      id: incident.id,
      severity: incident.severity,
      title: incident.title,
      openedAt: new Date(incident.openedAt).toISOString(),
      ackedBy: incident.ackedBy,
      silencedUntil: incident.silencedUntil === null ? null : new Date(incident.silencedUntil).toISOString(),
    })),
  };
}
