import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'portfolio-manager',
  schema: 'portfolio',
  version: manifest.version,
  description: 'Turns signals into proposed orders; books fills into the ledger; positions, equity and PnL.',
};
