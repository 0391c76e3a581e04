import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'risk-manager',
  schema: 'risk',
  version: manifest.version,
  description: 'Judges every proposed order, reserves what it may spend, and signs what may be sent.',
};
