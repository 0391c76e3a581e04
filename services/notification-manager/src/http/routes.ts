import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { postAck } from './ack.ts';
import { postAlerts } from './alerts.ts';
import { getCertified } from './certified.ts';
import type { NotifyDeps } from './deps.ts';
import { postInteraction } from './interactions.ts';
import { postNotification } from './notify.ts';
import { getRecent } from './recent.ts';
import { getStatus } from './status.ts';

export const api: ApiDescription<NotifyDeps> = {
  service: identity.name,
  title: 'Notification manager',
  description: identity.description,
  endpoints: [postNotification, getStatus, getRecent, postAck, postAlerts, postInteraction, getCertified],
};
