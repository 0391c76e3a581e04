import type { ComposeConfig } from './compose-config.ts';
import { networkBreaches } from './networks.ts';
import { type Kind, RULES } from './rules.ts';

/** Every rule that a stack breaks, by container; empty when it holds to all of them. */
export function breaches({ services, networks }: ComposeConfig, kind: Kind): string[] {
  const found = Object.entries(services).flatMap(([name, service]) =>
    RULES.filter(([, holds]) => !holds({ name, service, kind })).map(([rule]) => `${name}: ${rule}`),
  );
  return [...found, ...Object.entries(networks).flatMap(([name, network]) => networkBreaches(name, network))];
}
