import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'notification-manager',
  schema: 'notify',
  version: manifest.version,
  description:
    'Decides who is told what, when and how often; delivers to Slack; keeps what was told and taken up.',
};
