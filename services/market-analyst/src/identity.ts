import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'market-analyst',
  schema: 'analysis',
  version: manifest.version,
  description: 'Closed bars in, checked and complete; signals of the configured strategies out.',
};
