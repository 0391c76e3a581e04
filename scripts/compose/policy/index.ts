export { breaches } from './breaches.ts';
export { type ComposeConfig, composeConfig, type Service } from './compose-config.ts';
export { EXCEPTIONS, ONE_SHOTS } from './exceptions.ts';
export { NETWORKS_OF } from './networks.ts';
export { type Kind, RULES } from './rules.ts';
