import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'trade-executor',
  schema: 'execution',
  version: manifest.version,
  description:
    'Sends what risk approved and signed to the venue, follows it to its end, and keeps a stop under every position.',
};
