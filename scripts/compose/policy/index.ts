export { breaches } from './breaches.ts';
export { type ComposeConfig, composeConfig, type Service } from './compose-config.ts';
export { EXCEPTIONS } from './exceptions.ts';
export { NETWORKS_OF } from './networks.ts';
export { type Kind, RULES } from './rules.ts';
