export { breaches } from './breaches.ts';
export { composeConfig } from './compose-config.ts';
export { EXCEPTIONS, ONE_SHOTS } from './exceptions.ts';
export type { Kind } from './kind.ts';
export { NETWORKS_OF } from './networks.ts';
