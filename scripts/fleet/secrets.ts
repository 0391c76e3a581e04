import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';
import type { FleetHome } from './fleet-home.ts';
import { RunFailure } from './run-failure.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';

/** Files with the secrets of this fleet; made once and kept, so that a cut run goes on with them. */
export interface SecretFiles {
  readonly dir: string;
  readonly adminToken: string;
  readonly mcpToken: string;
  readonly riskSigningKey: string;
  /** Folder of the public keys whose signatures count. */
  readonly riskPublicKeys: string;
  readonly redisUrl: Readonly<Record<ServiceName, string>>;
  readonly databaseUrl: Readonly<Record<ServiceName, string>>;
}

/** Where the stores answer, and under which names this fleet's services come in. */
export interface StoreAddresses {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly rolePrefix: string;
}

/** Names of an earlier version, whose keys are kept: what was signed with them may still be under way. */
const EARLIER = {
  'admin-token': 'admin_token',
  'mcp-token': 'mcp_token',
  'risk-signing-key.pem': 'risk_signing_key',
};
/** The runner itself looks around in Redis, on this machine's loopback. */
const RUNNER_USER = 'on nopass ~* &* +@all';

/** The same secrets as a deployment's, by `scripts/init-secrets`: the processes of this user read them. */
export function ensureSecrets(home: FleetHome, stores: StoreAddresses): SecretFiles {
  mkdirSync(home.secrets, { recursive: true, mode: 0o700 });
  const file = (...path: string[]) => join(home.secrets, ...path);
  for (const [earlier, name] of Object.entries(EARLIER))
    if (existsSync(file(earlier)) && !existsSync(file(name))) renameSync(file(earlier), file(name));
  const made = spawnSync(join(checkout, 'scripts/init-secrets'), ['--dir', home.secrets, '--keep-owner'], {
    env: { ...process.env, ...secretsEnvironment(stores) },
    encoding: 'utf8',
  });
  if (made.status !== 0)
    throw new RunFailure(
      `scripts/init-secrets failed:\n${made.stderr}`,
      `mend what it names in ${home.secrets}`,
    );
  return secretFiles(home);
}

/** Where they lie. */
export function secretFiles(home: FleetHome): SecretFiles {
  const file = (...path: string[]) => join(home.secrets, ...path);
  const each = (name: string) =>
    Object.fromEntries(SERVICE_NAMES.map((service) => [service, file(service, name)])) as Record<
      ServiceName,
      string
    >;
  return {
    dir: home.secrets,
    adminToken: file('admin_token'),
    mcpToken: file('mcp_token'),
    riskSigningKey: file('risk-manager', 'risk_signing_key'),
    riskPublicKeys: file('trade-executor', 'risk_public_keys'),
    redisUrl: each('redis_url'),
    databaseUrl: each('database_url'),
  };
}

/** Tells init-secrets and rotate-secret of stores that are not those of a deployment. */
export function secretsEnvironment({ redisUrl, postgresUrl, rolePrefix }: StoreAddresses): NodeJS.ProcessEnv {
  const [redis, postgres] = [new URL(redisUrl), new URL(postgresUrl)];
  return {
    TRADING_MODE: 'paper',
    FLEET_REDIS_ADDRESS: `${redis.host}${redis.pathname === '' ? '/0' : redis.pathname}`,
    FLEET_POSTGRES_ADDRESS: `${postgres.host}${postgres.pathname}`,
    FLEET_ROLE_PREFIX: rolePrefix,
    FLEET_REDIS_DEFAULT_USER: RUNNER_USER,
  };
}

/** Of a Redis that is about to start: its users come later, by ACL LOAD, when its address is known. */
export function ensureAclFile(home: FleetHome): string {
  const file = join(home.secrets, 'redis', 'users.acl');
  if (existsSync(file)) return file;
  mkdirSync(home.secrets, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `user default ${RUNNER_USER}\n`, { mode: 0o600 });
  return file;
}

export function readSecret(file: string): string {
  return readFileSync(file, 'utf8').trim();
}
