import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'parameter-optimizer',
  schema: 'optimizer',
  version: manifest.version,
  description:
    'Searches for strategy parameters by backtests, shows what they were worth on later bars, deploys what a person approves.',
};
