import type { z } from 'zod';
import { composeConfig } from './compose-config.ts';
import { VOLUMES } from './containers.ts';
import type { Kind } from './kind.ts';
import { networkBreaches } from './networks.ts';
import { RULES } from './rules.ts';

/**
 * Every rule that a stack breaks, by container; empty when it holds to all of them.
 *
 * @param document what `docker compose config --format json` says. A key that is not known is a breach, and as long as
 * there is one the rules are not asked.
 */
export function breaches(document: unknown, kind: Kind): string[] {
  const { success, data, error } = composeConfig.safeParse(document);
  if (!success) return error.issues.flatMap(unknown);
  const { name: project, services, networks, volumes } = data;
  const found = Object.entries(services).flatMap(([name, service]) =>
    RULES.filter(([, holds]) => !holds({ name, service, kind })).map(([rule]) => `${name}: ${rule}`),
  );
  const foreign = Object.entries(volumes)
    .filter(([name, volume]) => !VOLUMES.has(name) || volume.name !== `${project}_${name}`)
    .map(([name]) => `volume ${name} is not known`);
  const ofNetworks = Object.entries(networks).flatMap(([name, network]) =>
    networkBreaches(project, name, network),
  );
  return [...found, ...foreign, ...ofNetworks];
}

function unknown(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.');
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `${at}${at === '' ? '' : '.'}${key} is not allowed`)
    : [`${at}: ${issue.message}`];
}
