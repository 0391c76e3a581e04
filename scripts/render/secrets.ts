import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { accessFault, type ConfigFault } from '@fleet/shared/config';
import { SERVICE_NAMES } from '../fleet/services.ts';

/** What the edge puts into its files. */
export const EDGE_SECRETS = [
  ...SERVICE_NAMES.map((name) => `edge_secret_${name}` as const),
  'edge_admin_secret',
  'oauth2_client_id',
  'oauth2_redis_url',
] as const;
export const MONITORING_SECRETS = ['prometheus_password', 'alertmanager_password'] as const;
export type SecretName = (typeof EDGE_SECRETS)[number] | (typeof MONITORING_SECRETS)[number];
export type Secrets = ReadonlyMap<SecretName, string>;

/** They become header values and parts of YAML, TOML and URLs. */
const VALUE = /^[\x21-\x7e]+$/;
const RANDOM_CHARACTERS_MIN = 24;

/** Reads the secrets of a folder; what is missing, unusable or open to others is added to `faults`, never its value. */
export function readSecrets(
  folder: string,
  names: readonly SecretName[],
  faults: ConfigFault[],
): Map<SecretName, string> {
  const secrets = new Map<SecretName, string>();
  const open = (path: string): void => {
    const found = accessFault(statSync(path), path);
    if (found !== undefined) faults.push({ name: path, ...found });
  };
  try {
    open(folder);
  } catch {
    // Of a folder that is not there each file says so.
  }
  for (const name of names) {
    const path = join(folder, name);
    const fault = (problem: string): unknown =>
      faults.push({ name: path, problem, action: 'run scripts/init-secrets, then render again' });
    let value: string;
    try {
      value = readFileSync(path, 'utf8').trim();
      open(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      fault(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`);
      continue;
    }
    if (value === '') fault('is empty');
    else if (!VALUE.test(value)) fault('holds more than one word of plain characters');
    else if (!name.startsWith('oauth2_') && value.length < RANDOM_CHARACTERS_MIN)
      fault(`is shorter than ${RANDOM_CHARACTERS_MIN} characters`);
    else if (name === 'oauth2_redis_url' && !/^rediss?:\/\/[^:@/"\\]+:[^:@/"\\]+@[^/"\\]+/.test(value))
      fault('is not redis://USER:PASSWORD@HOST:PORT/DB');
    else secrets.set(name, value);
  }
  return secrets;
}

/** A secret that the reading has shown to be there. */
export function secretOf(secrets: Secrets, name: SecretName): string {
  const value = secrets.get(name);
  if (value === undefined) throw new Error(`${name} was not read`);
  return value;
}
