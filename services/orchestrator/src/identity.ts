import type { ServiceIdentity } from '@fleet/shared/service';

export const identity: ServiceIdentity = {
  name: 'orchestrator',
  schema: 'orchestrator',
  version: '0.1.0',
  description: 'Holds the trading state and the trading day, and sees every decision cycle to its end.',
};
