import type { ServiceIdentity } from '@fleet/shared/service';
import manifest from '../package.json' with { type: 'json' };

export const identity: ServiceIdentity = {
  name: 'mcp-hub-controller',
  schema: 'mcp',
  version: manifest.version,
  description: 'Offers the state of the fleet to AI clients as read-only tools, and records every call.',
};
